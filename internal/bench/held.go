package main

import (
	"context"
)

// waitingRoom measures a program that starts with many held notifications.
func (o *options) waitingRoom(context.Context, string) error { return nil }

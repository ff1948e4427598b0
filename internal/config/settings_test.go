package config

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"landfall/internal/notify"
)

// fill sets every text of a struct to something of its own, and returns which of them are secrets.
func fill(v reflect.Value) (secrets, open []string) {
	for i := range v.NumField() {
		field := v.Field(i)
		text := fmt.Sprintf("value-of-%s", v.Type().Field(i).Name)
		switch {
		case field.Kind() == reflect.Struct:
			s, o := fill(field)
			secrets, open = append(secrets, s...), append(open, o...)
		case field.Type() == reflect.TypeFor[notify.Secret]():
			field.SetString(text)
			secrets = append(secrets, text)
		case field.Kind() == reflect.String:
			field.SetString(text)
			open = append(open, text)
		}
	}
	return secrets, open
}

func TestPrint_MasksEverySecret(t *testing.T) {
	t.Parallel()
	var s Settings
	secrets, open := fill(reflect.ValueOf(&s).Elem())
	text := s.Print()
	for _, secret := range secrets {
		if strings.Contains(text, secret) {
			t.Errorf("%s is printed", secret)
		}
	}
	for _, value := range open {
		if !strings.Contains(text, value) {
			t.Errorf("%s is not printed", value)
		}
	}
	if len(secrets) < 6 || strings.Count(text, `"(set)"`) != len(secrets) {
		t.Errorf("%d secrets in:\n%s", len(secrets), text)
	}
}

func TestPrint_MasksPasswordsInAddresses(t *testing.T) {
	t.Parallel()
	text := Settings{Redis: "rediss://user:hunter2@redis.example:6380/1", Database: "postgres://u:hunter2@[broken", PublicURL: "postgres://h/db?password=hunter2&user=u"}.Print()
	if strings.Contains(text, "hunter2") || !strings.Contains(text, "redis.example:6380/1") {
		t.Errorf("printed:\n%s", text)
	}
}

// What is printed is a landfall.yaml: every name is a flag's.
func TestPrint_IsYAML(t *testing.T) {
	t.Parallel()
	var got map[string]any
	if err := yaml.Load([]byte(Settings{Listen: ":80", Redis: "embedded"}.Print()), &got); err != nil {
		t.Fatal(err)
	}
	if got["listen"] != ":80" || got["redis"] != "embedded" || got["secret-key"] != "" {
		t.Errorf("read back: %v", got)
	}
}

func TestSettings_Check(t *testing.T) {
	t.Parallel()
	good := Settings{SecretKey: "0123456789abcdef0123456789abcdef", PublicURL: "https://notify.example.com"}
	tests := map[string]struct {
		change func(*Settings)
		want   string
	}{
		"good":               {func(*Settings) {}, ""},
		"no key":             {func(s *Settings) { s.SecretKey = "" }, "LANDFALL_SECRET_KEY is not set; set it to at least 32 random characters, for example from: openssl rand -hex 32"},
		"short key":          {func(s *Settings) { s.SecretKey = "hunter2" }, "LANDFALL_SECRET_KEY has 7 characters; set it to at least 32 random ones, for example from: openssl rand -hex 32"},
		"no address":         {func(s *Settings) { s.PublicURL = "notify" }, "LANDFALL_PUBLIC_URL is no web address; write it as https://notify.example.com"},
		"ftp":                {func(s *Settings) { s.PublicURL = "ftp://notify" }, "LANDFALL_PUBLIC_URL is no web address; write it as https://notify.example.com"},
		"plain to abroad":    {func(s *Settings) { s.TwilioBaseURL = "http://twilio.example" }, "TWILIO_BASE_URL is not encrypted; use https, or http to an address of this machine only"},
		"plain LINE":         {func(s *Settings) { s.LineBaseURL = "http://10.0.0.1" }, "LINE_BASE_URL is not encrypted; use https, or http to an address of this machine only"},
		"plain LINE data":    {func(s *Settings) { s.LineDataBaseURL = "http://127.0.0.1.evil.example" }, "LINE_DATA_BASE_URL is not encrypted; use https, or http to an address of this machine only"},
		"no base":            {func(s *Settings) { s.LineBaseURL = "line" }, "LINE_BASE_URL is no web address; write it as https://host"},
		"encrypted":          {func(s *Settings) { s.TwilioBaseURL = "https://twilio.example" }, ""},
		"plain at home":      {func(s *Settings) { s.TwilioBaseURL, s.LineBaseURL = "http://127.0.0.1:9", "http://localhost" }, ""},
		"plain at home (v6)": {func(s *Settings) { s.TwilioBaseURL = "http://[::1]:9" }, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := good
			tt.change(&s)
			got := ""
			if err := s.Check(); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

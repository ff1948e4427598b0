GO          ?= go
FUZZTIME    ?= 60s
BENCH       ?= .
TRIAL       ?=
EVENTS      ?= 100000
PRESSURE    ?= 10000
VERSION     ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.DEFAULT_GOAL := help
.PHONY: help build test test-fast lint check try bench benchmarks chaos failover fuzz golden holidays cldr email preview screens widget mail cover docker soak pressure

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/landfall
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/landfall ./cmd/landfall

test: ## all tests under the race detector (needs gcc)
	$(GO) test -race ./...

test-fast: ## all tests, as a newcomer runs them
	$(GO) test ./...

lint: ## gofmt, go vet, staticcheck
	@test -z "$$(gofmt -l .)" || { echo "run gofmt -w on:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

check: ## lint the shipped markets and the sample merchant, and run their rule tests
	$(GO) run ./cmd/landfall check rules/markets
	$(GO) run ./cmd/landfall check internal/play/acme
	$(GO) run ./cmd/landfall test rules/markets
	$(GO) run ./cmd/landfall test internal/play/acme

try: ## play three parcels and print what was sent and why
	$(GO) run ./cmd/landfall try --once

bench: ## the whole path beside a textbook Asynq program, on SQLite and PostgreSQL, and a million held; TRIAL="-rounds 1" for less
	$(GO) run ./internal/trial bench $(TRIAL)

benchmarks: ## Go's benchmarks; BENCH=Match for some of them
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem ./...

chaos: ## five processes on PostgreSQL and Redis, 200 rounds in which something breaks; TRIAL="-rounds 20 -seed 3" for others
	$(GO) run ./internal/trial chaos -rounds 200 -rate 20 $(TRIAL)

failover: ## five processes on PostgreSQL and a Redis with sentinels lose a worker, the Redis master and the database; TRIAL="-rate 20" for less
	$(GO) run ./internal/trial failover -rate 50 $(TRIAL)

fuzz: ## every fuzz target for FUZZTIME (60s) each
	.ci/fuzz $(FUZZTIME)

soak: ## 100,000 events with restarts, and what became of them; EVENTS=2000 for fewer
	$(GO) test -count=1 -timeout 60m -v -run '^TestSoak$$' ./dispatcher -soak $(EVENTS)

pressure: ## 10,000 messages through a sender of 80 a second, 5 minutes; PRESSURE=2000 for fewer
	for redis in redis embedded; do \
		$(GO) test -count=1 -timeout 30m -v -run "^TestASenderUnderPressure/$$redis" ./internal/queue -pressure $(PRESSURE) || exit 1; done

golden: ## write golden files, the JSON schema and the docs' tables anew
	.ci/golden

holidays: ## write the table of public holidays anew (needs Node and npm)
	cd internal/calendar/generate && npm ci --no-audit --no-fund && node generate.mjs > ../holidays.new
	mv internal/calendar/holidays.new internal/calendar/holidays.tsv

email: ## compile the layout of e-mails and check it against mail clients (needs Node and npm)
	cd templates/email && npm ci --no-audit --no-fund && node compile.mjs
	.ci/email

preview: ## show every message in every language as preview.html
	$(GO) run ./cmd/landfall preview

screens: ## pictures of the preview in six languages, by day and by night (fetches Chromium)
	.ci/screens screens

widget: ## the inbox's element in a browser: accessible, by keyboard, live; pictures of it (fetches Chromium)
	.ci/widget screens

mail: ## mails through a real Postfix and Dovecot, and back (as root; fetches both)
	.ci/mail

cldr: ## write the formats and names of CLDR anew (needs Node and npm)
	cd locales/generate && npm ci --no-audit --no-fund && node generate.mjs
	gofmt -w locales/cldr.go

cover: ## coverage of each function, and in a browser as cover.html
	$(GO) test -coverprofile=cover.out ./...
	$(GO) tool cover -func=cover.out | tail -1
	$(GO) tool cover -html=cover.out -o cover.html

docker: ## build the image landfall:VERSION
	docker build --build-arg VERSION=$(VERSION) -t landfall:$(VERSION) .

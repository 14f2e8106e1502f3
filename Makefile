# `make` prints help. Recipes are single commands that sh and cmd.exe both
# understand; anything cleverer is Go, in tools/dev.

WINDOWS := $(filter Windows_NT,$(OS))
EXE     := $(if $(WINDOWS),.exe)
NULL    := $(if $(WINDOWS),NUL,/dev/null)
BIN     := bin/hark$(EXE)
LINT    := bin/tools/golangci-lint$(EXE)
DEV     := go -C tools run ./dev
VERSION  = $(or $(shell git describe --tags --always --dirty 2>$(NULL)),dev)
# The race detector needs a C compiler; without one the tests run all the same.
RACE     = $(if $(filter 1,$(shell go env CGO_ENABLED)),-race)
TIME    ?= 1m

files    = $(foreach f,$(wildcard $1/*),$(if $(wildcard $f/*),$(call files,$f),$f))
WEB     := frontend/dist/index.html
WEB_SRC := $(wildcard frontend/*.*) $(foreach d,build public src tools,$(call files,frontend/$d))
MODULES := node_modules/.package-lock.json

define HELP

  make run         build everything and start Hark on http://127.0.0.1:4275
  make test        all tests, with all their set-up: Go, rooms, frontend, browser

  make build       the program, at bin/hark
  make web         the web app, which the program carries inside
  make lint        formatting, vet, static checks, types, known vulnerabilities
  make check       lint and test: what a change must pass
  make e2e         the browser tests alone
  make bench       the benchmarks
  make desktop     the program with a window, at bin/hark-desktop
  make desktop-test  the window's own tests, on a screen of their own
  make release     archives, packages, checksums and the list of parts, in bin/release
  make soak        the crash and reconnect tests, many times over
  make fuzz        each fuzz target for TIME=1m, or one with T=FuzzName
  make clean       delete what these made

  ARGS="--addr :4275 --data DIR" is passed on by run; CHROME=PATH names the browser.

endef

.PHONY: help run test go-test web-test e2e build web lint lint-go lint-web lint-e2e vuln check bench desktop desktop-test vet-window release soak fuzz clean
.DELETE_ON_ERROR:

help:
	@cd . $(info $(HELP))

run: build
	$(BIN) serve $(ARGS)

# The quickest to fail goes first.
test: go-test web-test e2e

# Many tests wait for a clock or a killed process: three packages at a time keep two cores busy.
go-test: web daemon/agent/testdata/mcp/$(MODULES)
	$(if $(RACE),,@echo no C compiler found: testing WITHOUT the race detector)
	$(DEV) mailserver
	$(DEV) services
	go test $(RACE) -p 3 ./...
	go -C tools test ./...

web-test: web
	cd frontend && npm test
	cd frontend && npm run budget

e2e: build e2e/$(MODULES) daemon/agent/testdata/mcp/$(MODULES)
	$(DEV) senders
	$(DEV) browser npm --prefix e2e test
	$(DEV) pushing go test -tags e2e -count 1 -timeout 5m ./e2e

build: export CGO_ENABLED = 0
build: web
	go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o $(BIN) .

# Linux needs the headers of GTK 3 and WebKitGTK 4.1 for it, which desktop-test installs.
desktop: web
	go build -tags desktop,production,webkit2_41 -trimpath -ldflags "-s -w -X main.version=$(VERSION)" -o bin/hark-desktop$(EXE) .

desktop-test: web
	$(DEV) windowing go test -tags desktop,production,webkit2_41 -count 1 -timeout 5m ./app

# The window for Windows needs no headers, so it can be looked at everywhere.
vet-window: export GOOS = windows
vet-window: export CGO_ENABLED = 0
vet-window: web
	go vet -tags desktop,production . ./app

web: $(WEB)

$(WEB): $(WEB_SRC) frontend/$(MODULES)
	cd frontend && npm run build

# npm writes this file last, so it is the stamp of a complete install.
%/$(MODULES): %/package-lock.json
	cd $* && npm ci

# `make -k lint` goes on after the first that fails.
lint: lint-go lint-web lint-e2e vuln

lint-go: $(LINT) web vet-window
	$(LINT) run ./...
	cd tools && ../$(LINT) run ./...
	cd tools/release && ../../$(LINT) run ./...
	go mod verify

lint-web: frontend/$(MODULES)
	cd frontend && npm run check

lint-e2e: e2e/$(MODULES)
	cd e2e && npm run check

# Without the network it says that it did not check, and does not fail.
vuln: $(LINT) web
	$(DEV) vuln

$(LINT): tools/go.mod tools/go.sum
	go -C tools build -o ../bin/tools/ tool

check: lint test

bench: web
	go test -tags bench -run "^$$" -bench . -benchmem -timeout 60m ./...

# -check builds all of it twice and compares the bytes.
release: web
	go -C tools/release run . $(ARGS)

# HARK_SOAK has a test that kills or loads the program do so as often as it should.
soak: export HARK_SOAK = 1
soak: web
	go test $(RACE) -count 20 -timeout 60m -run "Crash|Kill|Churn|Reconnect" -skip "KillAtRandom|KillMatrix|FireKill|SourceKill" ./...
	go test -v -count 1 -timeout 60m -run "KillAtRandom|KillMatrix|FireKill|SourceKill" .
	$(DEV) soaking go test -v -count 1 -timeout 20m -tags soak -run "UnderSystemd|UnderWine" .

fuzz: web
	$(DEV) fuzz $(TIME) $(T)

clean:
	$(DEV) remove bin frontend/dist/assets $(WEB) frontend/node_modules e2e/node_modules daemon/agent/testdata/mcp/node_modules e2e/artefacts

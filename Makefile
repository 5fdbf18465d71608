# Everything a newcomer types: `make run` and `make test`. `make help` lists the rest.
# No C compiler is needed: every build is pure Go.

SHELL := /bin/sh
export CGO_ENABLED := 0
# Distributions pin GOTOOLCHAIN=local; go.mod's toolchain is then fetched by Go itself.
export GOTOOLCHAIN ?= auto
export GOFLAGS ?= -buildvcs=false

GOLANGCI_LINT_VERSION := v2.15.0
BIN := bin/frontdesk
# Fuzz targets get a short run in `make test`, a longer one in `make fuzz FUZZTIME=1m`.
# Counted, not timed: Go's fuzzer now and then takes the end of its own time for a failure.
FUZZTIME ?= 5000x

.DEFAULT_GOAL := help

.PHONY: help
help: ## list every target
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: prereq
prereq: ## check that Go, git, Python and pip are there, and name what is missing
	@sh scripts/prereq.sh

# The modules of the tests come with the first build: what was set up works
# without network, `make test` too.
bin/.modules: go.mod go.sum | prereq
	@mkdir -p bin
	@go list -test -deps ./... >/dev/null
	@touch $@

.PHONY: build
build: prereq bin/.modules ## build bin/frontdesk
	@go build -trimpath -o $(BIN) ./cmd/frontdesk

.PHONY: run
run: build ## set up, ingest the demo shop and serve it; prints the URLs
	@./$(BIN) demo

.PHONY: setup
setup: build ## fetch the private Postgres and the embedder, pinned, and make the desk's first admin
	@./$(BIN) setup

.PHONY: test
test: build ## every test, on real Postgres, a real embedder and, where there is one, a real browser
	@./$(BIN) setup --no-admin
	@go vet ./...
	@FRONTDESK_TEST_BIN="$(CURDIR)/$(BIN)" go test -timeout 15m ./...
	@sh scripts/fuzz.sh $(FUZZTIME)

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME (default 5000x: so many inputs)
	@sh scripts/fuzz.sh $(FUZZTIME)

.PHONY: race
race: ## the tests under the race detector (needs a C compiler)
	@CGO_ENABLED=1 go test -race -timeout 30m ./...

.PHONY: lint
lint: ## golangci-lint at the pinned version, built on first use
	@sh scripts/lint.sh $(GOLANGCI_LINT_VERSION)

.PHONY: bench
bench: build ## measure this machine and Frontdesk in one run; writes docs/benchmarks.md
	@go run ./cmd/bench -out docs/benchmarks.md

SOAK ?= 30m
.PHONY: soak
soak: build ## half an hour of chaos under customers and agents (SOAK=5m: shorter)
	@FRONTDESK_TEST_BIN="$(CURDIR)/$(BIN)" go test ./handoff/soak -run TestSoak -soak $(SOAK) -timeout 12h -count=1 -v

.PHONY: eval
eval: build ## measure retrieval on the demo shop: vectors, words and both
	@./$(BIN) eval retrieval --knowledge evals/shop/knowledge --questions evals/shop/questions.jsonl

.PHONY: evals
evals: build ## play the demo shop's cases through the product, grade and judge them
	@./$(BIN) eval run

.PHONY: vectors
vectors: build ## embed what changed in the demo shop and rewrite its committed vectors
	@./$(BIN) ingest --site shop-vectors --vectors evals/shop/vectors.bin --export-vectors evals/shop/vectors.bin evals/shop/knowledge
	@./$(BIN) site remove shop-vectors --yes

.PHONY: pictures
pictures: build ## take the README's pictures with a real browser
	@go test ./widget/browser -run TestPictures -pictures ../../docs/images -count=1
	@dir=$$(mktemp -d) && go test ./handoff/console/browser -run TestLooks -pictures $$dir -count=1 && cp $$dir/case-desk.png docs/images/desk.png && rm -r $$dir

.PHONY: bench-widget
bench-widget: build ## measure the widget in a real browser; writes docs/benchmarks-widget.md
	@FRONTDESK_TEST_BIN="$(CURDIR)/$(BIN)" go test ./widget/browser -run '^TestBench$$' -figures ../../docs/benchmarks-widget.md -count=1 -timeout 60m -v

SHOTS ?= shots
.PHONY: shots
shots: ## take a picture of every state of the chat in every shape, into SHOTS (default shots)
	@mkdir -p $(SHOTS) && go test ./widget/browser -run '^TestShots$$' -shots "$$(cd $(SHOTS) && pwd)" -redraw -count=1
	@echo "Look at $(SHOTS)/sheet-*.png; what widget/browser/shots.json says now is what tests compare with."

.PHONY: console
console: ## build the agents' desk from its sources into handoff/console/app/dist (needs npm once)
	@cd handoff/console/app && npm ci --ignore-scripts --no-audit --no-fund && npx tsc -p .
	@go run ./handoff/console/app/bundle

.PHONY: widget
widget: ## build the widget from its sources into widget/dist (types are checked where the desk's TypeScript is there)
	@if [ -x handoff/console/app/node_modules/.bin/tsc ]; then handoff/console/app/node_modules/.bin/tsc -p widget/app; fi
	@go run ./widget/bundle

.PHONY: remove
remove: ## take away everything that setup brought (.frontdesk and what it links to)
	@if [ -x $(BIN) ]; then ./$(BIN) setup --remove; else go run ./cmd/frontdesk setup --remove; fi

.PHONY: clean
clean: ## remove build outputs, keep what setup fetched
	@rm -rf bin coverage.out

# All that is needed is Go, git and make: helpers are built from Go modules at pinned versions.
SHELL       := bash
.SHELLFLAGS := -euo pipefail -c

VERSION   ?= $(shell sed -n 's/^version: //p' plugin.yaml)
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
N         ?= 20000
FUZZTIME  ?= 30s
RELEASES  ?= 2000
PAIRS     ?= 11
BASE      ?=
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.1
GOFUMPT     := mvdan.cc/gofumpt@v0.12.0
BENCHSTAT   := golang.org/x/perf/cmd/benchstat@v0.0.0-20260908200009-22c9c6c9d4da

export CGO_ENABLED := 0
BUILD := go build -trimpath -ldflags "-s -w -X main.version=$(VERSION)"

.PHONY: help build install demo test oracle argocd e2e bench fuzz lint cross release size

help: ## Say what each target does
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

build: ## Build bin/helm-hooks, and bin/kubectl-hooks for kubectl
	$(BUILD) -o bin/helm-hooks ./cmd/helm-hooks
	ln -sf helm-hooks bin/kubectl-hooks
	cp scripts/kubectl_complete-hooks bin/

install: build ## Link this checkout as a plugin into the Helm on PATH
	helm plugin install "$(CURDIR)"

demo: ## Plan the demo chart
	go run ./cmd/helm-hooks plan ./testdata/charts/shop

test: ## Vet and test everything that needs no Helm binary, the oracle included
	go vet ./... ./testdata
	go vet -tags e2e,mutation,versions,argocd,fluxrecord ./test/...
	GOGC=400 go test -timeout 30m ./...
	cd tools && go vet ./... && go test ./...

oracle: ## Compare the machine with Helm's own code: N generated charts, those in CHARTS, older Helms, broken machines
	HELM_HOOKS_CHARTS="$(abspath $(CHARTS))" go test -count=1 -timeout 120m -v ./test/oracle -rapid.checks=$(N) | grep -vE '^ *(=== |--- PASS)'
	go test -count=1 -timeout 120m -tags versions -v -run TestVersions ./test/oracle | grep -vE '^ *(=== |--- PASS)'
	go test -count=1 -timeout 120m -tags mutation -run Mutations ./test/oracle

argocd: ## Compare the Argo CD engine with gitops-engine, over testdata and generated objects
	go test -count=1 -timeout 20m -tags argocd -v ./test/argocd | grep -vE '^ *(=== |--- PASS)'

e2e: ## Run as a plugin of real Helm binaries and of kubectl, and against a real API server; builds them into .tools once
	go test -count=1 -timeout 40m -p 1 -tags e2e ./test/e2e/...

bench: size ## Time and memory against both Helms: PAIRS runs each, list -A with RELEASES releases; benchmarks, against an earlier run in BASE
	HELM_HOOKS_PAIRS=$(PAIRS) HELM_HOOKS_RELEASES=$(RELEASES) go test -count=1 -timeout 60m -tags e2e -v -run 'TestSpeed|TestListAtScale' ./test/e2e | grep -vE '^ *(=== |--- PASS)'
	go test -run '^$$' -bench . -benchtime 200ms -count 6 ./pkg/... ./internal/... > bin/bench.txt || { cat bin/bench.txt; exit 1; }
	go run $(BENCHSTAT) $(BASE) bin/bench.txt

fuzz: ## Fuzz each target for FUZZTIME
	@grep -rHo --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' pkg internal test | while IFS=: read -r file func; do \
		echo "$${func#func } in $${file%/*}"; \
		go test -run '^$$' -fuzz "^$${func#func }$$" -fuzztime $(FUZZTIME) "./$${file%/*}" || exit 1; done

lint: ## Formatting and static checks
	@files=$$(go run $(GOFUMPT) -l cmd internal pkg test testdata tools); if [ -n "$$files" ]; then echo "gofumpt would change:"; echo "$$files"; exit 1; fi
	go run $(STATICCHECK) -tags e2e,mutation,versions,argocd,fluxrecord ./... ./testdata
	cd tools && go run $(STATICCHECK) ./...
	go mod verify

cross: ## Build for every platform into dist/
	@for p in $(PLATFORMS); do os=$${p%/*}; case $$os in windows) exe=.exe;; *) exe=;; esac; \
		echo "$$p"; GOOS=$$os GOARCH=$${p#*/} $(BUILD) -o "dist/helm-hooks-$$os-$${p#*/}$$exe" ./cmd/helm-hooks || exit 1; done

release: ## Archives, checksums, SBOM and krew manifest into dist/; SIGN_KEY=FILE signs, SIGN_PASSPHRASE unlocks
	@cd tools && go run ./release -root "$(CURDIR)" -out "$(CURDIR)/dist" -version "$(VERSION)" \
		-platforms "$(PLATFORMS)" -sign-key "$(if $(SIGN_KEY),$(abspath $(SIGN_KEY)))"

size: build ## The size of the binary, which may have 60 MiB
	@bytes=$$(wc -c < bin/helm-hooks); echo "bin/helm-hooks: $$((bytes / 1048576)) MiB"; test "$$bytes" -le 62914560

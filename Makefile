# Everything a person or CI runs here. `make help` lists it.
#
# No target but test-cluster, test-scale, image and cluster-* needs root, a cluster or a container engine.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
MAKEFLAGS += --no-print-directory

CARGO ?= cargo
BUILT := $(or $(CARGO_TARGET_DIR),target)
KUBERNETES := tests/cluster/kubernetes
CHART := charts/genome-operator
DEMO := $(BUILT)/demo
CLUSTER_NAME ?= dev
export CLUSTER_NAME

# Programs that are not Rust: PATH first, then what tools.sh built. Empty where there is none.
TOOL_CACHE := $(or $(GENOME_OPERATOR_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/genome-operator)/tools
find_tool = $(or $(shell command -v $(1)),$(lastword $(wildcard $(TOOL_CACHE)/$(1)-*/$(1))))
export HELM ?= $(call find_tool,helm)
export KUBE_SCORE ?= $(call find_tool,kube-score)
export PROMTOOL ?= $(call find_tool,promtool)

.PHONY: help
help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | awk -F'\t' '{ printf "  make %-14s %s\n", $$1, $$2 }'

.PHONY: check
check: lint test ## what CI runs first: lint and test

.PHONY: lint
lint: ## formatting, clippy (warnings fail), shell scripts, dependencies
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --lib --bins --locked -- --deny warnings
	# The analyzer without its gene caller: what is under the Apache licence alone.
	$(CARGO) clippy --workspace --lib --bins --no-default-features --locked -- --deny warnings
	# Tests may unwrap, and are judged for mistakes, not for taste.
	$(CARGO) clippy --workspace --all-targets --locked -- --deny warnings --allow clippy::pedantic --allow clippy::unwrap_used
	$(call run_if_present,shellcheck,shellcheck,shellcheck --severity=warning .ci/run $$(git ls-files '*.sh'))
	if command -v cargo-deny >/dev/null; then cargo deny --offline check bans licenses sources; else echo 'not installed here, and left out: cargo deny'; fi

.PHONY: test
test: ## unit, scenario, doc and drift tests, the report in Chromium, the guide to the tables, chart and alerts; no root, no cluster
	# Always the whole workspace, so that features are unified once and no dependency is built a second time.
	$(CARGO) test --locked --workspace
	$(call run_if_present,chromium,chromium,$(CARGO) test --locked --workspace --test page --quiet -- --ignored --test-threads 2)
	$(call run_if_present,python3,python3,$(CARGO) test --locked --workspace --test tables --quiet -- --ignored)
	$(call run_if_present,$(PROMTOOL),promtool,$(CARGO) test --locked --workspace --lib --quiet -- --ignored alerts::)
	$(call run_if_present,$(HELM),helm,$(CARGO) test --locked --workspace --lib --quiet -- --ignored helm::)
	$(call run_if_present,$(KUBE_SCORE),kube-score,$(CARGO) test --locked --workspace --lib --quiet -- --ignored score::)

# In CI (CI set) a missing program is a failure; on a laptop it is said and the rest goes on.
define run_if_present
if command -v "$(1)" >/dev/null; then
	echo '$(3)'
	$(3)
elif [[ -n "$${CI:-}" ]]; then
	echo 'make: `$(2)` is missing, and in CI nothing is skipped' >&2
	exit 1
else
	echo 'SKIPPED, `$(2)` is not installed: $(3)'
fi
endef

.PHONY: fuzz
fuzz: ## inputs nobody thought of, FUZZ_SECONDS (60) for each of the four readers, two at a time; stable toolchain
	FUZZ_SECONDS=$(or $(FUZZ_SECONDS),60) $(CARGO) test --locked --workspace --test specimens fuzz:: -- --nocapture --test-threads 2 --skip planted

.PHONY: calibrate
calibrate: ## error rates of the method on GENOME=FILE [TRAITS=FILE], beside the figures they should have; minutes
	: $(or $(GENOME),$(error make calibrate GENOME=FILE [TRAITS=FILE]))
	GENOME='$(abspath $(GENOME))' TRAITS='$(if $(TRAITS),$(abspath $(TRAITS)))' \
		$(CARGO) test --locked --workspace --test calibration table:: -- --ignored --nocapture

.PHONY: large-input
large-input: ## 10 GB in one record through standard input, 10⁶ contigs, 1,000 genomes merged: memory and seconds
	$(CARGO) test --locked --workspace --test cli large_input:: -- --ignored --nocapture --test-threads 1

.PHONY: test-cluster
test-cluster: ## end to end on a real Kubernetes that it starts here (Linux, root) or on yours (KUBECONFIG)
	$(KUBERNETES)/tools.sh etcd kubernetes containerd runc helm kwok monitoring-crds
	$(KUBERNETES)/image.sh
	$(CARGO) build --locked --workspace --bins
	$(CARGO) test --locked --workspace --test kubernetes -- --include-ignored --test-threads 1 --nocapture

.PHONY: test-scale
test-scale: ## 10,000 analyses at once; elasticity and deadline in full, 2,000 tasks of 30 s on nodes that come and go: 40 minutes (no root)
	$(KUBERNETES)/tools.sh etcd kubernetes kwok
	$(CARGO) build --release --locked --package genome-operator --bin genome-operator
	SCALE=full OPERATOR=$(abspath $(BUILT))/release/genome-operator \
		$(CARGO) test --locked --workspace --test kubernetes -- --include-ignored --test-threads 1 --nocapture elasticity:: many::

.PHONY: bless
bless: crds ## rewrites golden files and generated documents; look at the difference before you commit
	BLESS=1 INSTA_UPDATE=always $(CARGO) test --locked --workspace

.PHONY: crds
crds: ## writes crds/ from src/api, and the chart's copy
	mkdir -p crds $(CHART)/files
	$(CARGO) run --quiet --locked --bin genome-operator -- crd >crds/genomeanalyses.yaml
	cp crds/genomeanalyses.yaml $(CHART)/files/

.PHONY: image
image: ## both images as docker archives below target/image, without a container engine
	$(KUBERNETES)/image.sh

.PHONY: cluster-up
cluster-up: ## a Kubernetes of your own on this machine: CLUSTER_NAME=dev, LEVEL=node or control-plane
	$(KUBERNETES)/cluster.sh up $(or $(LEVEL),node)
	echo 'for kubectl: eval "$$($(KUBERNETES)/cluster.sh --name $(CLUSTER_NAME) env)"'

.PHONY: cluster-down
cluster-down: ## and away with it
	$(KUBERNETES)/cluster.sh down

.PHONY: demo
demo: ## twelve generated genomes through examples/quickstart.yaml, on this machine, without a cluster
	$(CARGO) build --locked --workspace --bins
	rm -rf $(DEMO)
	begin=$$(date +%s%N)
	$(BUILT)/debug/genomic_pleiotropy generate --genomes 12 --genes 300 --output $(DEMO)
	$(BUILT)/debug/kubectl-genome run --local -f examples/quickstart.yaml --mount genomes=$(DEMO)
	echo
	cat $(DEMO)/results/summary_report.md
	echo
	echo "report: $$(realpath $(DEMO)/results/report.html)"
	echo "$$((($$(date +%s%N) - begin) / 1000000)) ms after the build"

.PHONY: bench
bench: ## the user's list and the peers: each figure measured, its floor, the ratio (K12=FILE for the rows of E. coli)
	$(CARGO) build --locked --release --package genomic_pleiotropy --package bench --bins --example codon_usage
	$(BUILT)/release/bench $(BUILT)/release

.PHONY: docs
docs: ## the crates' documentation, below target/doc
	$(CARGO) doc --locked --no-deps --workspace

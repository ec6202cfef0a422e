# `make run` and `make test` are all a newcomer needs; everything else is made on the way.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

VENV := .venv
TOOLS := .venv-tools
PYTHON := $(VENV)/bin/python
UV := $(VENV)/bin/uv pip
UV_VERSION := 0.13.9

# Compiled Python is kept whatever the shell says: tests start hundreds of processes.
unexport PYTHONDONTWRITEBYTECODE
export RASA_TELEMETRY_ENABLED := false
export HF_HUB_OFFLINE := 1
export TF_CPP_MIN_LOG_LEVEL := 3
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export PYTHONWARNINGS := ignore

MINUTES := 30
USERS := 0
OF_EACH := 1

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .state/run ## set up what is missing and start everything; Ctrl-C stops it all
	@$(PYTHON) -m bot train --if-changed
	@$(PYTHON) -m bot run

test: .state/test .state/tools lint ## the whole test suite, set-up included
	@$(PYTHON) -m bot train --if-changed
	@$(PYTHON) -m pytest -n auto --maxprocesses 4

train: .state/run ## train the model
	@$(PYTHON) -m bot train

lint: .state/test ## ruff, mypy, the import rules, and biome for the JavaScript
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports
	@.ci/lint-javascript

bench: .state/run ## speed against a stock Rasa pipeline; accuracy on CLINC=file.json BANKING_TRAIN=a.csv BANKING_TEST=b.csv
	@$(PYTHON) -m bench.run

faults: .state/test ## what goes wrong while people chat, one fault after the other; ONLY="redis smtp-silent" for some
	@$(PYTHON) -m bot train --if-changed
	@$(PYTHON) -m bench.faults $(ONLY)

fuzz: .state/test .state/tools ## thousands of odd requests against the site and its description
	@$(PYTHON) -m tests.fuzz.run

upgrade-check: .state/run ## an upgrade from the version before with people chatting, and back; DATABASE=postgresql://... (empty)
	@$(PYTHON) -m bench.upgrade $(DATABASE) $(REDIS)

soak: .state/test .state/tools ## people talk for MINUTES=30 on an empty DATABASE=postgresql://...: what grows?
	@$(PYTHON) -m bot train --if-changed
	@$(PYTHON) -m bench.soak --minutes $(MINUTES) --users $(USERS) --of-each $(OF_EACH) $(DATABASE) $(REDIS)

lock: .state/venv ## resolve the dependencies anew
	@$(UV) compile -q --python-version 3.10 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links requirements.in -o requirements.lock
	@$(UV) compile -q --python-version 3.10 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links requirements-test.in -o requirements-test.lock
	@$(UV) compile -q --python-version 3.10 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links requirements-tools.in -o requirements-tools.lock
	@$(UV) compile -q --python-version 3.10 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --excludes deploy/images/excluded.in requirements.in deploy/images/requirements-serving.in -o deploy/images/requirements-serving.lock

audit: .state/tools ## the pins against an advisory database (DATABASE=a clone of PyPA's) and docs/advisories.yml
	@$(TOOLS)/bin/python -m upkeep.audit $(if $(DATABASE),--database $(DATABASE))

sbom: .state/run .state/tools ## what it is made of, as CycloneDX in results/sbom.cdx.json, and the licences
	@$(TOOLS)/bin/python -m upkeep.bill_of_materials --environment $(VENV)

clean: ## remove what was made, except the data in var/
	@rm -rf $(VENV) $(TOOLS) .state models .rasa

# Where Python 3.10 is: on the PATH, or fetched by uv, which any Python 3 can install.
.state/python:
	@mkdir -p .state
	@if python3.10 -c '' 2>/dev/null; then command -v python3.10 > $@; else \
	  echo "Python 3.10 is not on the PATH: fetching it (some 30 MB) ..."; \
	  { python3 -m venv .state/uv && .state/uv/bin/python -m pip install --disable-pip-version-check uv==$(UV_VERSION) \
	    && .state/uv/bin/uv python install 3.10 \
	    && .state/uv/bin/uv python find --managed-python 3.10 > $@.found && mv $@.found $@; } > .state/python.log 2>&1 \
	  || { echo "Python 3.10 could not be fetched (.state/python.log says why): install it (Debian/Ubuntu: the deadsnakes packages; macOS: brew install python@3.10; anywhere: pyenv install 3.10) and run make again."; exit 1; }; fi

.state/venv: | .state/python
	@echo "Making the virtual environment ..."
	@"$$(cat .state/python)" -m venv $(VENV)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

.state/run: .state/venv requirements.lock
	@echo "Installing the dependencies (about 40 seconds; 3 GB on disk) ..."
	@$(UV) install --python $(PYTHON) --require-hashes -r requirements.lock
	@touch $@

.state/test: .state/run requirements-test.lock
	@$(UV) install --python $(PYTHON) --require-hashes -r requirements-test.lock
	@touch $@

.state/tools: .state/venv requirements-tools.lock | .state/python
	@"$$(cat .state/python)" -m venv $(TOOLS)
	@$(UV) install --python $(TOOLS)/bin/python --require-hashes -r requirements-tools.lock
	@touch $@

.PHONY: help run test train lint bench faults fuzz soak upgrade-check lock audit sbom clean

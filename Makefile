# `make help` lists what there is. Everything works from a bare checkout.
.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The installer is pinned too: it is what verifies the hashes.
UV_VERSION := 0.13.9
UV := $(VENV)/uv/bin/uv
LOCKS := requirements.lock requirements-dev.lock
INSTALLED := $(VENV)/installed
# Where it is set, as in many images, every program that we start compiles all it imports: 6 seconds instead of 2.
unexport PYTHONDONTWRITEBYTECODE

help: ## this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1	/'

setup: $(INSTALLED) ## .venv with everything the lock names, hashes verified

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null || { \
		echo "Apportion needs Python 3.11, 3.12 or 3.13; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)."; \
		echo "Name another one: make setup PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "'$(PYTHON)' has no venv module; on Debian: apt-get install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv --without-pip $(VENV)
	@$(PYTHON) -m venv $(VENV)/uv
	@$(VENV)/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

$(INSTALLED): $(LOCKS) | $(UV)
	@$(UV) pip sync --quiet --require-hashes --python $(BIN)/python requirements-dev.lock
	@touch $@
	@echo "ready: $(BIN)/python manage.py …"

demo: setup ## everything on this machine, with demo data; Ctrl-C ends it
	@$(BIN)/python manage.py demo

test: setup ## the whole test suite, on a real database
	@.ci/test

check: setup ## format, lint, types, import rules, migrations, templates
	@.ci/check

bench: setup ## the speed bars, as a table of ratios
	@$(BIN)/python -m tests.bench

lock: | $(UV) ## resolve pyproject.toml into the two locks
	@$(UV) pip compile --quiet pyproject.toml --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --custom-compile-command 'make lock' -o requirements.lock
	@$(UV) pip compile --quiet pyproject.toml --group dev -c requirements.lock --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url \
		--custom-compile-command 'make lock' -o requirements-dev.lock

clean: ## remove the environment and the caches (data in var/ stays)
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis staticfiles
	@find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

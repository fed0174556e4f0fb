# Everything a person or a machine does with this repository. Needs Python 3.11+ and make, nothing else.
#
#   make demo    scan the insecure example service: the gate closes, and says why
#   make test    the whole test suite
#   make all     what has to hold before a change goes in

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
RUN    := $(VENV)/.installed-run
DEV    := $(VENV)/.installed-dev
# Extra arguments for pytest, for example PYTEST="-n 2" or PYTEST="-k matrix".
PYTEST ?=

.DEFAULT_GOAL := help
.PHONY: help demo dev test lint types docs docs-check golden bench all dist clean

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "  make %-12s %s\n", $$1, $$2 }'

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "leftgate needs Python 3.11 or newer; found $$($(PYTHON) --version 2>&1). Say: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(RUN): pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(DEV): pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(RUN)

dev: $(DEV) ## install leftgate and its development tools into .venv

demo: $(RUN) ## scan examples/, whose gate is expected to close
	@$(BIN)/leftgate scan examples --no-config; status=$$?; \
	if [ $$status -eq 1 ]; then \
	  echo; echo "This is the expected end: the example service is insecure on purpose, and the gate stayed closed (exit status 1)."; \
	  echo "In a real pipeline the build would stop here. Next: leftgate explain RULE, or scan a project of yours: $(BIN)/leftgate scan PATH"; \
	else \
	  echo "Expected the gate to close with exit status 1, got $$status. Please report this with the lines above."; exit 1; \
	fi

test: $(DEV) ## run all tests
	$(BIN)/python -m pytest $(PYTEST)

lint: $(DEV) ## style, types, and the rules' own linter
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/leftgate rules lint

types: $(DEV)
	$(BIN)/mypy

docs: $(DEV) ## write the generated pages again
	$(BIN)/python tools/generate_docs.py

docs-check: $(DEV) ## fail when a generated page is not fresh
	$(BIN)/python tools/generate_docs.py --check

golden: $(DEV) ## accept the reporters' present output as the golden files; review the diff
	LEFTGATE_GOLDEN=write $(BIN)/python -m pytest tests/rooms/report $(PYTEST)
	git --no-pager diff --stat -- tests/golden

bench: $(DEV) ## measure start-up, hook, projects and memory; PEERS=1 compares with other tools
	$(BIN)/python benchmarks/run.py $(if $(PEERS),--peers) $(if $(PROJECTS),--projects $(PROJECTS))

all: lint test docs-check ## lint, test, and generated pages fresh

dist: $(DEV) ## build the wheel, install it in an empty environment, run it on the example
	$(BIN)/python tools/check_wheel.py

clean: ## remove everything that make made
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .leftgate-cache

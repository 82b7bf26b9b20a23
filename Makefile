# The project's frame. Needs only Python 3.11 or later, make and git; nothing has to be activated.
#
#   make demo    a simulated day of a contact centre, ingested, asked and explained
#   make test    format, lint, types, tests: what must hold before a change is taken
#   make help    the rest

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input
UNITS  := src tests examples docs $(wildcard benchmarks)

.DEFAULT_GOAL := help
.PHONY: help setup demo test soak bench docs lock clean

help:  ## say what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do \
	  printf 'make %-7s %s\n' "$$name" "$$text"; done

setup: $(STAMP)  ## make .venv with exactly the locked versions (at once when nothing changed)

$(STAMP): pyproject.toml requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "contactlake needs Python 3.11 or later: make PYTHON=python3.12 setup")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --requirement requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q src  # else the first command does it, or every one where Python may not write
	@touch $@

demo: $(STAMP)  ## ingest a simulated day of 60 agents into demo/lake and ask about it
	$(BIN)/python examples/demo.py

test: $(STAMP)  ## check the format, lint, check the types, run the tests
	$(BIN)/ruff format --check $(UNITS)
	$(BIN)/ruff check $(UNITS)
	$(BIN)/mypy
	$(BIN)/python -m pytest -n 3 --dist worksteal  # most wait for processes of their own

soak: $(STAMP)  ## run the long versions of the tests
	CONTACTLAKE_SOAK=1 $(BIN)/python -m pytest -m soak || [ $$? -eq 5 ]  # 5: there are none

bench: $(STAMP)  ## run the benchmarks, one after the other (the quick ones first)
	@status=0; for name in simulator ingest search agent_statistics late_event_lake; do \
	  echo "== benchmarks/$$name.py"; $(BIN)/python benchmarks/$$name.py || status=1; done; exit $$status

docs: $(STAMP)  ## write the generated pages again
	$(BIN)/python docs/make_dictionary.py
	$(BIN)/python docs/make_mappings.py

lock: pyproject.toml  ## choose the exact versions again: the newest within pyproject.toml's ranges
	rm -rf $(VENV)-lock
	$(PYTHON) -m venv $(VENV)-lock
	$(VENV)-lock/bin/python -m pip --disable-pip-version-check install --quiet --upgrade 'setuptools>=77'
	$(VENV)-lock/bin/python -m pip --disable-pip-version-check install --quiet --no-build-isolation --editable '.[dev]'
	{ echo '# Exact versions of everything, development included. Written by "make lock"; do not edit.'; \
	  $(VENV)-lock/bin/python -m pip freeze --all --exclude-editable --exclude pip --exclude contactlake; } > requirements.lock.new
	mv requirements.lock.new requirements.lock
	rm -rf $(VENV)-lock

clean:  ## remove what was made (the lake folder stays)
	rm -rf $(VENV) $(VENV)-lock demo build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests examples docs benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

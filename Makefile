# `make` prints this help. Every target sets up what it needs in .venv.
.DEFAULT_GOAL := help
.PHONY: help setup run test check format lint types imports bench peers crash fuzz contract soak clean

PYTHON ?= python3
PORT ?= 8000
SERVE ?= 1
DATABASE ?= attain-demo.db
BENCH_DATA ?=
SMALL ?=
PEERS ?=
# LightFM compiled for any machine, not for the one that compiles: wheels are kept and moved.
export LIGHTFM_NO_CFLAGS ?= 1
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

help: ## Print this help
	@echo "Attain: evidence in, mastery estimated, next modules out."
	@echo
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-14s %s\n", $$1, $$2}'
	@echo
	@echo "  PORT=8000        the port that 'make run' serves on"
	@echo "  SERVE=0          'make run' stops after printing the recommendations"
	@echo "  PYTHON=python3   the interpreter to build .venv with (3.11 or later)"
	@echo "  BENCH_DATA=DIR   response logs for 'make bench' beside the generated ones"
	@echo "  PEERS=1          'make bench' also measures the peers that 'make peers' installed"
	@echo "  SMALL=1          'make bench' runs small forms and holds them to the committed baseline"

run: $(VENV)/run.stamp ## Seed the sample, fit, print a learner's next modules, serve on PORT
	@exec $(BIN)/attain demo --database $(DATABASE) --port $(PORT) $(if $(filter 0,$(SERVE)),--no-serve)

test: $(VENV)/dev.stamp ## Set up and run the tests
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

check: format lint types imports test ## What CI runs: format, lint, types, import contracts, tests

format: $(VENV)/dev.stamp ## Check the formatting ('.venv/bin/ruff format .' mends it)
	$(BIN)/ruff format --check .

lint: $(VENV)/dev.stamp ## Lint
	$(BIN)/ruff check .

types: $(VENV)/dev.stamp ## Check the types (mypy strict)
	$(BIN)/mypy

imports: $(VENV)/dev.stamp ## Check that the arrows point one way
	$(BIN)/lint-imports --no-cache

bench: $(VENV)/dev.stamp ## Measure accuracy and speed; writes benchmarks/results
	$(BIN)/python benchmarks/run.py $(if $(filter-out 0,$(SMALL)),--small) \
		$(if $(filter-out 0,$(PEERS)),--peers) $(if $(BENCH_DATA),--data $(BENCH_DATA))

peers: $(VENV)/dev.stamp ## Install what the benchmarks compare with, in .venv-peers
	$(BIN)/python benchmarks/environments.py

ROUNDS ?= 50
crash: $(VENV)/dev.stamp ## Kill the service and cut its power ROUNDS times; nothing acknowledged may be lost
	ATTAIN_CRASH_ROUNDS=$(ROUNDS) $(BIN)/python -m pytest -qs tests/service/test_crash.py \
		tests/service/store/test_power_loss.py

BODIES ?= 100000
fuzz: $(VENV)/dev.stamp ## Send the service BODIES bodies of every kind; none may crash it
	ATTAIN_FUZZ_BODIES=$(BODIES) $(BIN)/python -m pytest tests/service/api/test_fuzzed_bodies.py -q \
		--numprocesses auto

EXAMPLES ?= 300
contract: $(VENV)/dev.stamp ## Send each operation EXAMPLES requests; each answer has to be as described
	ATTAIN_CONTRACT_EXAMPLES=$(EXAMPLES) $(BIN)/python -m pytest tests/service/api/test_contract.py -qs \
		--numprocesses auto

MINUTES ?= 10
soak: $(VENV)/dev.stamp ## Serve at half the maximum load for MINUTES; memory and files should not grow
	$(BIN)/python benchmarks/soak_service.py --minutes $(MINUTES)

setup: $(VENV)/dev.stamp ## Make .venv with everything that development needs

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Attain needs Python 3.11 or later; '$(PYTHON)' is older. Try: make PYTHON=python3.12 …" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: $(VENV)/bin/python pyproject.toml
	@echo "Setting up $(VENV) …"
	$(PIP) install --editable '.[fit]'
	@touch $@

$(VENV)/dev.stamp: $(VENV)/bin/python pyproject.toml
	@echo "Setting up $(VENV) for development …"
	$(PIP) install --editable '.[dev]'
	@touch $@ $(VENV)/run.stamp

clean: ## Remove .venv, caches and the demo's database
	rm -rf $(VENV) .venv-peers build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis attain-demo.db*

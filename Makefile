# Each target does what its line in `make help` says; what is longer than a line is a script in packaging/.
.DEFAULT_GOAL := help
.PHONY: help setup run check fix test test-full coverage soak bench bundle lock clean

BIN := .venv/bin
SOAK_MINUTES ?= 10
export PYTHON

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 16

setup: ## the environment .venv with the command commonhold (quick when nothing changed)
	@packaging/setup.sh

run: setup ## the window; with no display, pictures of it
	@packaging/run.sh $(ARGS)

check: setup ## lint, format, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: setup ## format, and mend what lint can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: check ## check, then the tests for every change (15 minutes at most)
	$(BIN)/python -m pytest -m "not full and not bench" $(ARGS)

test-full: setup ## what must hold before a release besides (60 minutes at most)
	$(BIN)/python -m pytest -m full $(ARGS) || [ $$? -eq 5 ] # 5: no test carries the mark, as pytest then says

coverage: setup ## the tests again, with the branches they miss
	$(BIN)/python -m pytest -m "not full and not bench" --cov --cov-report=term --cov-report=html:build/coverage

soak: setup ## kills and damage for SOAK_MINUTES (10)
	$(BIN)/python -m tests.crash.soak --minutes $(SOAK_MINUTES) $(ARGS)

bench: setup ## the numbers, as a table and in build/bench.json
	@mkdir -p build
	$(BIN)/python -m tests.benchmarks.run $(ARGS)

bundle: setup ## the frozen program in dist/commonhold
	$(BIN)/pyinstaller --noconfirm --log-level WARN --workpath build/pyinstaller packaging/commonhold.spec

lock: setup ## the requirement files anew (ARGS=--upgrade moves every pin)
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements/lock.txt
	$(BIN)/python packaging/lock.py $(ARGS)

clean: ## away with what builds and tests left (.venv stays)
	rm -rf build dist commonhold-demo *.egg-info .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

# Commands of the project. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ifdef CI
WORKERS ?= 2
endif
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: accuracy gains help report test bench gallery notebooks lint format proof platform browser clean

help: ## List the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

$(VENV)/installed-accuracy: $(VENV)/installed requirements-accuracy.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-accuracy.lock
	@touch $@

report: $(VENV)/installed ## Install, and write the demo report to reports/headline-style
	$(BIN)/causal run datasets/upworthy/headline-style.yaml || [ $$? -eq 1 ]

test: $(VENV)/installed-dev ## Install, and run the tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

notebooks: $(VENV)/installed-dev ## Execute the notebooks
	$(BIN)/python -m pytest --nbmake notebooks -q

gallery: $(VENV)/installed ## Make the finished pages in reports/gallery again
	$(BIN)/python reports/gallery/refresh.py

bench: $(VENV)/installed-dev ## Measure CPU time against econml, and experiments against the bare query
	$(BIN)/python -m benchmarks.attributes --out benchmarks/attributes.json
	$(BIN)/python -m benchmarks.readout.speed --out benchmarks/readout.json

gains: $(VENV)/installed-dev ## Measure individual effects beside econml (slow, goes on where it was)
	$(BIN)/python -m benchmarks.heterogeneity
	$(BIN)/python -m benchmarks.heterogeneity --write

proof: $(VENV)/installed-dev ## Measure coverage and error rates over many runs (slow)
	$(BIN)/python -m benchmarks.coverage --runs 2000 --out docs/coverage.md
	$(BIN)/python -m benchmarks.readout --runs 1000 --out docs/readouts.md
	$(BIN)/python -m benchmarks.nuisances --out docs/nuisances.md
	$(BIN)/python -m benchmarks.changes --out docs/changes.md

platform: $(VENV)/installed ## Write the tables of a simulated platform to datasets/platform
	$(BIN)/python -c "from pathlib import Path; from causal.data.platform import TESTS, Settings, write_changes, write_experiments, write_tables; here, world = Path('datasets/platform'), Settings(seed=1, size=TESTS); write_tables(here, world); write_experiments(here, world); write_changes(here, world)"

accuracy: $(VENV)/installed-accuracy ## Measure accuracy beside other packages, and write docs/accuracy.md (slow)
	$(BIN)/python -m benchmarks.heterogeneity
	$(BIN)/python -m benchmarks.accuracy --published

lint: $(VENV)/installed-dev ## Check style, types and the order of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/installed-dev ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## Remove what was made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find reports -mindepth 1 -maxdepth 1 ! -name gallery ! -name README.md -exec rm -rf {} +

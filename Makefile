# make demo · make test · make prove · make check · make bench · make help
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test prove check bench lock

help: ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## / — /'

.venv/run: requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; try: make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.lock
	touch $@

.venv/test: .venv/run tests/requirements.lock
	$(BIN)/pip install --quiet --require-hashes --requirement tests/requirements.lock
	touch $@

demo: .venv/run ## a living demo programme on http://127.0.0.1:8000 (PORT changes it, DATA keeps it)
	$(BIN)/python -m portal.cli demo --port $(PORT) $(if $(DATA),--data $(DATA))

test: .venv/test ## all tests, on every database and browser found here
	$(BIN)/python -W error -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder --cov=portal --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=90

prove: .venv/test ## all tests, with races, kills and lives at their full size (half an hour)
	PROVE=full $(BIN)/python -W error -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder -s

check: .venv/test ## lint, types, known holes, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy portal wsgi.py
	$(BIN)/bandit --quiet --recursive portal
	$(BIN)/python -W error -m pytest -q tests/test_architecture.py

bench: .venv/test ## speed as ratios to bare Flask in the same run
	$(BIN)/python -m tests.bench

lock: .venv/test ## pin what pyproject.toml asks for, with hashes and without index addresses
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --universal --upgrade --generate-hashes --no-emit-index-url --no-header --no-annotate --no-strip-extras --quiet --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --group test --universal --upgrade --generate-hashes --no-emit-index-url --no-header --no-annotate --no-strip-extras --quiet --constraints requirements.lock --output-file tests/requirements.lock

# Needs Python 3.11+ and Node; everything else is fetched by `make setup` from the hash-locked lists.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.ready
ASSETS := web/static/vendor/manifest.json
LOCK_OPTIONS := --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet
PYTEST_OPTIONS ?= -n 2

.DEFAULT_GOAL := help
.PHONY: help setup demo test check format lint types contracts definitions screenshots bench nightly lock clean

help:  ## Say what can be asked of make
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST)

setup: $(STAMP) $(ASSETS)  ## Make .venv, install the locked packages and what pages load (once per change of the locks)

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed, not " + sys.version.split()[0])'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $(STAMP)

$(ASSETS): web/package-lock.json web/.npmrc scripts/assets.py scripts/trim_css.py
	@command -v npm >/dev/null || { echo "The pages need Node with npm (Debian: apt-get install npm); it is not on the PATH." >&2; exit 1; }
	cd web && npm ci --silent
	$(PYTHON) -m scripts.assets

demo: setup  ## Play a district's year, print accounts and serve it with a clock that can be let run
	$(BIN)/zhiben demo

test: setup check  ## Everything that must hold on every change, in the browser too
	@scripts/browser.sh
	$(BIN)/python -m pytest $(PYTEST_OPTIONS)

check: lint types contracts definitions  ## Style, types, directions, definitions

format: setup  ## Let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: setup  ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup  ## mypy, strict
	$(BIN)/mypy

contracts: setup  ## Who may import whom
	$(BIN)/lint-imports --no-logo

definitions: setup  ## Every procedure, ladder, form and plan of workflows/
	$(BIN)/zhiben check

screenshots: setup  ## The pictures of the guide, from a demonstration
	@scripts/browser.sh
	$(BIN)/python -m scripts.screenshots

bench: setup  ## The figures of docs/performance.md, each beside its baseline
	$(BIN)/python -m bench

nightly: setup  ## The longer counts of the same tests
	$(BIN)/python -m pytest $(PYTEST_OPTIONS) --nightly --hypothesis-profile=nightly --timeout=3600

lock: setup  ## Resolve pyproject.toml anew into the two hash-locked lists
	$(BIN)/uv pip compile pyproject.toml $(LOCK_OPTIONS) --upgrade --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml $(LOCK_OPTIONS) --upgrade --group dev --output-file requirements-dev.lock

clean:  ## Forget caches; the environment and your data stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache htmlcov .coverage build dist

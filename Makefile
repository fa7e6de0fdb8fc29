# `make` alone lists the commands.

SHELL := /bin/bash
BIN := .venv/bin
PORT ?= 8866
CHROMIUM := chromium chromium-browser google-chrome google-chrome-stable

FITS := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))
PYTHON ?= $(shell for one in python3.13 python3.12 python3.11 python3; do \
	$$one -c '$(FITS)' 2>/dev/null && echo $$one && break; done)

# What pip says, in a line now and then.
PROGRESS := awk '/^(Collecting|Processing)/ { if (++n % 20 == 0) print "  " n " packages found" } \
	/^ *Downloading .*[0-9][0-9](\.[0-9])? [MG]B/ { print "  fetching " $$2 " " $$3 " " $$4 } \
	/^Installing collected/ { print "  all there; unpacking them, which takes the longest" } { fflush() }'

# Without compiled bytecode TensorFlow takes 11 s to import instead of 3.5 s.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help install dashboard lab test test-fast lint bench docs wheel lock chromium

help:
	@echo 'make dashboard    install what is missing and serve the dashboard (PORT=8866)'
	@echo 'make lab          JupyterLab on the notebooks'
	@echo 'make install      everything into .venv, locked with hashes (PYTHON=python3.12 chooses the Python)'
	@echo 'make test         all tests; make test-fast: those that take seconds'
	@echo 'make lint         ruff, mypy, deno on the small scripts, the borders between rooms, and no outputs in notebooks'
	@echo 'make docs         the lessons and the public names as pages, in build/docs'
	@echo 'make wheel        one file that carries everything, in build/wheel'
	@echo 'make bench        the figures for speed and memory'
	@echo 'make lock         requirements.lock from pyproject.toml, by uv'

install: .venv/installed

.venv/installed: requirements.lock pyproject.toml voila/voila.json $(wildcard voila/templates/dfwidgets/* voila/templates/dfwidgets/static/*)
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		$(or $(PYTHON),false) -c '$(FITS)' || { echo 'dfwidgets needs Python 3.11, 3.12 or 3.13. Name one: make install PYTHON=python3.12'; exit 1; }; \
		$(PYTHON) -c 'import ensurepip, venv' || { echo '$(PYTHON) has no venv module. On Debian and Ubuntu: apt-get install python3-venv'; exit 1; }; \
		$(PYTHON) -m venv .venv; \
	fi
	@echo 'Installing into .venv: about 2 GB, one to three minutes.'
	@set -o pipefail; $(BIN)/python -m pip install --disable-pip-version-check --require-hashes -r requirements.lock | $(PROGRESS)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

dashboard: install
	@$(BIN)/dfwidgets dashboard --port=$(PORT)

lab: install
	@cd notebooks && PYTHONWARNINGS=ignore::DeprecationWarning:traitlets.traitlets \
		../$(BIN)/jupyter lab --config=jupyter_server_config.json

test: lint chromium
	$(BIN)/python -m pytest -m "not model and not browser"
	$(BIN)/python -m pytest -m model
	$(BIN)/python -m pytest --nbval-lax notebooks
	$(BIN)/python -m pytest -m browser

test-fast: install
	$(BIN)/python -m pytest -m "not model and not browser"

lint: install
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy dfwidgets
	DENO_NO_UPDATE_CHECK=1 $(BIN)/deno lint --quiet
	DENO_NO_UPDATE_CHECK=1 $(BIN)/deno check --quiet dfwidgets/panels/widgets/*.js
	$(BIN)/lint-imports --no-cache
	$(BIN)/nbstripout --verify --keep-id notebooks/*.ipynb

bench: install
	@for one in benchmarks/*.py; do echo "== $$one"; $(BIN)/python $$one || exit 1; done

docs: install
	$(BIN)/sphinx-build -W --keep-going -q -b html -c docs . build/docs
	@echo 'Open build/docs/index.html.'

wheel: install
	$(BIN)/python -m hatchling build -t wheel -d build/wheel

# No addresses of registries: --no-emit-index-url; names and hashes are enough.
lock:
	uv pip compile --quiet --universal --all-extras --generate-hashes --python-version 3.11 \
		--no-emit-index-url --no-header pyproject.toml -o requirements.lock

chromium: install
	@command -v $(CHROMIUM) >/dev/null || \
		if [ "$$(id -u)" = 0 ] && grep -qs '^ID=debian' /etc/os-release; \
		then apt-get update && apt-get install -y chromium; \
		else $(BIN)/playwright install chromium; fi

# Works on a machine that has only Python >= 3.11 and make. With uv, uv builds .venv; without it, venv and pip
# install the very versions that uv.lock names.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .acceptance
# The very versions that uv.lock names, as pip reads them.
PINNED = $(BIN)/python -c 'import tomllib; [print(p["name"] + "==" + p["version"]) for p in tomllib.load(open("uv.lock", "rb"))["package"] if "registry" in p["source"]]'
VERSION = $(shell $(BIN)/python -c 'import bot; print(bot.__version__)')

.PHONY: help demo test acceptance check format readme soak bench dist release clean

help:  ## what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

.venv/.ready: pyproject.toml uv.lock
	@if command -v uv >/dev/null 2>&1; then \
	  uv sync --frozen --quiet; \
	else \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; try: make PYTHON=python3.12")' && \
	  $(PYTHON) -m venv .venv && \
	  $(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1' && \
	  $(PINNED) > .venv/constraints.txt && \
	  $(BIN)/python -m pip install --quiet --constraint .venv/constraints.txt --editable . --group dev; \
	fi
	@touch $@

demo: .venv/.ready  ## try the bot in a browser, with no account anywhere
	@$(BIN)/workflow-bot demo

# Each of its processes would compile all modules anew where a machine says that no bytecode is to be kept.
test: .venv/.ready  ## the tests
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist worksteal

# An environment with nothing in it but the wheel and what it asks for.
acceptance: dist  ## the wheel, installed into an empty environment, between the stand-ins
	@rm -rf $(INSTALLED)
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --python $(BIN)/python $(INSTALLED) && \
	  uv pip install --quiet --python $(INSTALLED)/bin/python --constraint dist/constraints.txt "$$(echo dist/*.whl)[postgres]"; \
	else \
	  $(BIN)/python -m venv --without-pip $(INSTALLED) && \
	  $(BIN)/python -m pip --python $(INSTALLED)/bin/python install --quiet --no-compile --constraint dist/constraints.txt "$$(echo dist/*.whl)[postgres]"; \
	fi
	@$(BIN)/python -m pytest -n auto --dist worksteal tests/acceptance/installed.py --installed $(INSTALLED)

check: .venv/.ready  ## format, lint, types, arrows, known faults of dependencies, tests: what CI runs
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m tests.known_faults
	@$(MAKE) --no-print-directory test
	@$(MAKE) --no-print-directory acceptance

format: .venv/.ready  ## let ruff mend what it can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

readme: .venv/.ready  ## write the tables of the documentation anew, from the code
	@$(BIN)/python -m bot.readme

soak: .venv/.ready  ## an hour of real processes while everything fails: SEED=7 OPERATIONS=200 make soak
	@$(BIN)/python -m tests.processes $(if $(SEED),--seed $(SEED)) $(if $(OPERATIONS),--operations $(OPERATIONS))

bench: .venv/.ready  ## how fast it is, beside something else in the same run
	@$(BIN)/python -m tests.bench

dist: .venv/.ready
	@rm -rf dist && mkdir dist
	@$(BIN)/python -m hatchling build --directory dist >/dev/null
	@$(PINNED) > dist/constraints.txt

release: acceptance  ## dist/: the wheel, the sdist, the pinned versions, what it consists of, and the image
	@grep -q "^## $(VERSION)\b" CHANGELOG.md || { echo "CHANGELOG.md says nothing of $(VERSION)"; exit 1; }
	@if command -v uv >/dev/null 2>&1; then uv sync --frozen --quiet --group release; \
	else $(BIN)/python -m pip install --quiet --constraint dist/constraints.txt --group release; fi
	@sed 's/^dynamic = .*/version = "$(VERSION)"/' pyproject.toml > $(INSTALLED)/pyproject.toml
	@$(BIN)/cyclonedx-py environment --pyproject $(INSTALLED)/pyproject.toml --mc-type application --output-reproducible \
	  --output-file dist/workflow_bot-$(VERSION).cdx.json $(INSTALLED)/bin/python
	@if docker info >/dev/null 2>&1; then \
	  docker build --quiet --tag workflow-bot:$(VERSION) --tag workflow-bot:latest .; \
	else echo "No image: there is no Docker daemon here."; fi
	@cd dist && sha256sum * > SHA256SUMS && cat SHA256SUMS

clean:  ## remove what was made
	rm -rf $(INSTALLED) dist .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

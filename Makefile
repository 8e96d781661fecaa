# Works on a machine that has only Python >= 3.11 and make. With uv, uv builds .venv; without it, venv and pip
# install the very versions that uv.lock names.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help demo test check format readme bench clean

help:  ## what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

.venv/.ready: pyproject.toml uv.lock
	@if command -v uv >/dev/null 2>&1; then \
	  uv sync --frozen --quiet; \
	else \
	  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; try: make PYTHON=python3.12")' && \
	  $(PYTHON) -m venv .venv && \
	  $(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1' && \
	  $(BIN)/python -c 'import tomllib; [print(p["name"] + "==" + p["version"]) for p in tomllib.load(open("uv.lock", "rb"))["package"] if "registry" in p["source"]]' > .venv/constraints.txt && \
	  $(BIN)/python -m pip install --quiet --constraint .venv/constraints.txt --editable . --group dev; \
	fi
	@touch $@

demo: .venv/.ready  ## try the bot in a browser, with no account anywhere
	@$(BIN)/workflow-bot demo

# Each of its processes would compile all modules anew where a machine says that no bytecode is to be kept.
test: .venv/.ready  ## the tests
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist worksteal

check: .venv/.ready  ## format, lint, types, arrows, tests: what CI runs
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

format: .venv/.ready  ## let ruff mend what it can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

readme: .venv/.ready  ## write the tables of the documentation anew, from the code
	@$(BIN)/python -m bot.readme

bench: .venv/.ready  ## how fast it is, beside something else in the same run
	@$(BIN)/python -m tests.bench

clean:  ## remove what was made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

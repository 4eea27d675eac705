# make run            everything on this machine, http://127.0.0.1:8000
# make run WITH_S3=1  the same, with pictures in a private S3 server
# make test           the whole suite; parts whose tools are missing are named at the end
# make faults         kills and breaks every part while people submit; writes docs/faults.md
# make faults ROWS="3 18" RUNS=5   some of it, so often; make soak: the long row alone
# make bench          every goal of speed measured anew, into docs/performance.md; ONLY="G6 G12": some
# make check          format, lint, types, imports, missing migrations

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: run test setup setup-dev check bench faults soak lock

run: setup
	@$(BIN)/python manage.py run $(if $(WITH_S3),--with-s3)

test: setup-dev
	@$(BIN)/python -m tests.support.suite

check: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy generations meshgallery
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

bench: setup-dev
	$(BIN)/python -m bench $(ONLY)

faults: setup-dev
	@$(BIN)/python -m tests.faults $(ROWS)

soak: setup-dev
	@$(BIN)/python -m tests.faults soak

# What was installed last is kept beside the packages: another lock installs again, nothing else does.
setup: $(BIN)/python
	@cmp -s requirements.txt $(VENV)/installed.txt || { \
	  echo "Installing what requirements.txt locks…"; \
	  $(PIP) install --quiet --require-hashes -r requirements.txt \
	  && cp requirements.txt $(VENV)/installed.txt; }

# The tools' lock holds all that the runtime's holds.
setup-dev: $(BIN)/python
	@cmp -s requirements-dev.txt $(VENV)/installed-dev.txt || { \
	  echo "Installing what requirements-dev.txt locks…"; \
	  $(PIP) install --quiet --require-hashes -r requirements-dev.txt \
	  && cp requirements-dev.txt $(VENV)/installed-dev.txt \
	  && cp requirements.txt $(VENV)/installed.txt; }

$(BIN)/python:
	@test -n "$(PYTHON)" && $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: install it, or run make PYTHON=/path/to/python3.11."; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python's venv module is needed (Debian: apt-get install python3-venv)."; exit 1; }

# Writes both locks anew from pyproject.toml. uv reads its own settings, not pip's.
LOCK := pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet
LOCK_VENV := $(VENV)/lock-tools
lock:
	$(PYTHON) -m venv $(LOCK_VENV)
	$(LOCK_VENV)/bin/pip install --quiet uv
	$(LOCK_VENV)/bin/uv $(LOCK) --extra local --extra postgres pyproject.toml -o requirements.txt
	$(LOCK_VENV)/bin/uv $(LOCK) --all-extras -c requirements.txt pyproject.toml -o requirements-dev.txt
	rm -rf $(LOCK_VENV)

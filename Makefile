# Two commands on a machine with python3, venv and make: `make run` and `make test`.
PYTHON ?= python3
PORT ?= 8000
V := .venv/bin
PIP := $(V)/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes
# Only so that settings can be read: nothing is signed with it.
NO_KEY := SECRET_KEY=not-a-secret-for-checks-that-sign-nothing-0123456789abcdefghij
NO_RING := JOURNAL_KEYS=none:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=

.DEFAULT_GOAL := help
.PHONY: help run test check look lock python bench-peers

help:
	@echo "make run     everything with demo data, at http://localhost:$(PORT) (PORT=8001 make run for another port)"
	@echo "make test    every test, with a real PostgreSQL, Valkey, Celery worker and Chromium"
	@echo "make check   format, lint, types, import contracts, templates, migrations"
	@echo "make look    a picture of every page in .shots/, and what is wrong with any of them"
	@echo "make lock    requirements*.txt anew, from pyproject.toml (LOCK=--upgrade for newer ones)"
	@echo "make bench-peers  what manage.py bench --peers measures us against, in a folder of its own"

run: .venv/run.ok
	@exec $(V)/python -m aftercare.devstack --port $(PORT)

test: .venv/test.ok
	@$(V)/python -m tests.browser .browser/env
	@. ./.browser/env && exec $(V)/python -m pytest -n 2 --dist loadgroup --no-loadscope-reorder $(ARGS)

check: .venv/test.ok
	$(V)/ruff format --check .
	$(V)/ruff check .
	$(NO_KEY) $(V)/mypy
	$(V)/lint-imports
	$(V)/djade --check $$(find templates -name '*.html')
	$(V)/djlint --quiet --lint templates
	$(NO_KEY) $(V)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(NO_KEY) $(NO_RING) PIN_PEPPER=one-of-its-own PUBLIC_URL=https://aftercare.example.org $(V)/python manage.py check --deploy --fail-level WARNING

look: .venv/test.ok
	@$(V)/python -m tests.browser .browser/env
	@. ./.browser/env && exec $(V)/python -m tests.look $(ARGS)

# A lock names no registry: pip asks the one it is set up for, and checks every file against its hash.
lock: python
	@set -e; tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	$(PYTHON) -m venv "$$tools"; \
	"$$tools/bin/python" -m pip install --quiet --disable-pip-version-check uv; \
	compile="$$tools/bin/uv pip compile --quiet --system-certs --universal --generate-hashes --no-annotate --no-header"; \
	$$compile $(LOCK) pyproject.toml -o requirements.txt; \
	$$compile $(LOCK) --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt; \
	$$compile $(LOCK) --group bench -c requirements.txt -o requirements-bench.txt

# Never installed with the app: other systems for the same work.
bench-peers: requirements-bench.txt | python
	@test -d .bench || $(PYTHON) -m venv .bench
	@.bench/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r requirements-bench.txt
	@echo "Now: .venv/bin/python manage.py bench prompts --peers"

python:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON): install Python 3.11, 3.12 or 3.13."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		|| { echo "$$($(PYTHON) --version) does not do: use 3.11, 3.12 or 3.13, like PYTHON=python3.13 make run."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "$(PYTHON) has no venv: as root, apt-get install python3-venv."; exit 1; }

.venv/run.ok: requirements.txt | python
	@$(V)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@echo "Installing what the app needs …"
	@$(PIP) -r requirements.txt
	@touch $@

.venv/test.ok: requirements-dev.txt .venv/run.ok
	@echo "Installing what the tests need …"
	@$(PIP) -r requirements-dev.txt
	@touch $@

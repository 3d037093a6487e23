# Refdesk. `make demo` takes a fresh machine to a running reference desk; `make test` runs the whole suite.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
STAMP := $(VENV)/.installed

.PHONY: help env demo serve test test-full lint clean

help:
	@echo "make demo       environment, database, starter catalogue, sample articles, a login, the server on :$(PORT) and a worker"
	@echo "make test       the whole suite on SQLite and PostgreSQL, lint, import contracts"
	@echo "make test-full  the same with the long runs: kill tests, races, schema fuzzing"
	@echo "make env        the environment alone"
	@echo "make lint       ruff, import contracts, migrations"

env: $(STAMP) .env

$(STAMP): requirements.txt requirements-celery.txt requirements-dev.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.env:
	@umask 077; printf 'DEBUG=1\nSECRET_KEY=%s\n' "$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))')" > $@
	@echo "wrote .env for development (see .env.example)"

demo: env
	$(BIN)/python manage.py demo --port $(PORT)
	@$(MAKE) --no-print-directory serve

# The server, and beside it the worker that imports what is sent to it; both end together.
serve: env
	@$(BIN)/python manage.py worker & worker=$$!; \
	$(BIN)/python manage.py runserver 0.0.0.0:$(PORT) & server=$$!; \
	trap 'kill $$server $$worker 2>/dev/null' EXIT; trap 'exit 130' INT; trap 'exit 143' TERM; wait $$server

lint: env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python manage.py makemigrations --check --dry-run

test: env lint
	BIN=$(BIN) bash tests/run.sh

test-full: env lint
	FULL=1 BIN=$(BIN) bash tests/run.sh

clean:
	rm -rf $(VENV) refdesk.sqlite3* staticfiles var .pytest_cache .ruff_cache .hypothesis

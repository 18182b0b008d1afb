# SafeGrid: `make demo` shows it, `make test` tests it, `make check` checks it. `make help` lists the rest.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory

UV_VERSION := 0.13.9
PYTHON ?= python3
DATA ?= ../shared/data/chicago
ARGS ?=

UV := .tools/uv/bin/uv
PY := .venv/bin/python
UV_STAMP := .tools/uv/.version-$(UV_VERSION)
VENV_STAMP := .venv/.synced
PEERS_STAMP := .venv/.peers
NODE_STAMP := frontend/node_modules/.synced
ASSETS := safegrid/console/static/console
ASSET_STAMP := $(ASSETS)/.built
FIELD_NODE_STAMP := frontend/field/node_modules/.synced
FIELD_ASSETS := safegrid/field/static/field
FIELD_ASSET_STAMP := $(FIELD_ASSETS)/.built
# Checks read the settings but leave everybody's database alone.
ON_SCRATCH := DATABASE_URL=sqlite:///var/check.sqlite3 tools/with_env.sh env SAFEGRID_SECOND_FACTOR=on
MESSAGES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
# What the bundle is made of: sources, and the files whose class names decide which CSS is kept.
ASSET_INPUTS = $(shell find frontend \( -path frontend/node_modules -o -path frontend/dist -o -path frontend/field \) -prune -o -type f -print; \
	find safegrid -path '*/templates/*.html' -o -path '*/templatetags/*.py' \
	-o -path '*/web/*.py' -o -path '*/forms/*.py' -o -name web.py -o -name forms.py -o -name widgets.py)

FIELD_ASSET_INPUTS = $(shell find frontend/field \( -name node_modules -o -name dist -o -name tests \) -prune -o -type f -print)

# Caches stay in the checkout for users without a home of their own.
ifneq ($(shell test -w "$$HOME" && echo yes),yes)
export UV_CACHE_DIR := $(CURDIR)/.tools/cache/uv
export PIP_CACHE_DIR := $(CURDIR)/.tools/cache/pip
export npm_config_cache := $(CURDIR)/.tools/cache/npm
endif

.PHONY: help install assets lock demo test check replay bench postgres-start postgres-stop clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

install: $(VENV_STAMP) assets $(MESSAGES) ## fetch locked Python and front-end dependencies, build the assets
	@:

assets: $(ASSET_STAMP) $(FIELD_ASSET_STAMP)

$(UV_STAMP):
	@echo "==> uv $(UV_VERSION)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=...")'
	rm -rf .tools/uv
	$(PYTHON) -m venv .tools/uv || { echo "python3 has no venv module; as root: apt-get install python3-venv" >&2; exit 1; }
	.tools/uv/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(VENV_STAMP): requirements.lock $(UV_STAMP)
	@echo "==> Python dependencies"
	test -x $(PY) || $(UV) venv --quiet --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv
	$(UV) pip sync --require-hashes --python $(PY) requirements.lock
	@touch $@

$(PEERS_STAMP): requirements-peers.lock $(VENV_STAMP)
	@echo "==> what the benchmarks compare with"
	$(UV) pip install --quiet --require-hashes --python $(PY) -r requirements-peers.lock
	@touch $@

$(NODE_STAMP) $(FIELD_NODE_STAMP): %/node_modules/.synced: %/package.json %/package-lock.json
	@echo "==> front-end dependencies ($*)"
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a < 20 || (a === 20 && b < 19) ? 1 : 0)' \
		|| { echo "Node.js 20.19 or newer is needed" >&2; exit 1; }
	cd $* && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(ASSET_STAMP): $(NODE_STAMP) $(ASSET_INPUTS)
	@echo "==> front-end assets"
	cd frontend && npm run --silent build
	@touch $@

$(FIELD_ASSET_STAMP): $(FIELD_NODE_STAMP) $(FIELD_ASSET_INPUTS)
	@echo "==> field app"
	cd frontend/field && npm run --silent build
	@touch $@

locale/%.mo: locale/%.po
	$(PYTHON) tools/compile_messages.py

lock: $(UV_STAMP) ## resolve pyproject.toml anew into both lock files (see docs/decisions/0001-lock-file.md)
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --group dev \
		pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --upgrade --universal --generate-hashes --no-emit-index-url --group peers \
		-c requirements.lock -o requirements-peers.lock

demo: install ## the demo county at http://127.0.0.1:8000
	@tools/demo.sh

test: install ## the whole suite on SQLite and on PostgreSQL; ARGS="-k words" goes to pytest
	@tools/test.sh $(ARGS)

check: install ## lint, types, import contracts, migrations, lengths
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(PY) tools/check_file_length.py
	.venv/bin/lint-imports
	cd frontend && npm run --silent types
	cd frontend/field && npm run --silent types && npm run --silent test
	$(ON_SCRATCH) $(PY) manage.py makemigrations --check --dry-run
	$(ON_SCRATCH) $(PY) manage.py check --fail-level WARNING
	$(ON_SCRATCH) .venv/bin/mypy
	@echo "make check: OK"

replay: install ## real inspections through the whole case workflow; DATA=folder, DATABASE_URL honoured
	@# A replay counts from zero: its own SQLite file is made anew, a database that was named is left as it is.
	test -n "$${DATABASE_URL:-}" || rm -f var/replay.sqlite3*
	DATABASE_URL=$${DATABASE_URL:-sqlite:///var/replay.sqlite3} tools/with_env.sh \
		bash -c '$(PY) manage.py migrate --noinput -v 0 && $(PY) manage.py replay $(DATA) $(ARGS)'

bench: install $(PEERS_STAMP) ## benchmarks, each beside its peers or a ceiling
	tools/with_env.sh $(PY) -m benchmarks $(ARGS)

postgres-start: install ## a PostgreSQL server of our own under var/postgres; prints its URL
	@PYTHON=$(CURDIR)/$(PY) tools/postgres.sh start $(CURDIR)/var/postgres

postgres-stop: ## stop it; its data stay
	@tools/postgres.sh stop $(CURDIR)/var/postgres

clean: ## remove what the other targets made, except var/
	rm -rf .venv .tools frontend/node_modules frontend/dist $(ASSETS) frontend/field/node_modules frontend/field/dist $(FIELD_ASSETS) staticfiles
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache htmlcov .coverage

# `make help` lists the targets. Everything written while working goes to .venv, .cache and var.

.DEFAULT_GOAL := help
.PHONY: help run reset test proof check format bench soak lock docs vendor screenshots clean environment development

PORT ?= 8000
SANDBOX_PORT ?= 8900
export PORT SANDBOX_PORT

# Caches stay inside the project: the home folder may be empty or read-only.
export PIP_CACHE_DIR ?= $(CURDIR)/.cache/pip
export UV_CACHE_DIR ?= $(CURDIR)/.cache/uv
export RUFF_CACHE_DIR ?= $(CURDIR)/.cache/ruff
export MYPY_CACHE_DIR ?= $(CURDIR)/.cache/mypy
export XDG_CACHE_HOME ?= $(CURDIR)/.cache

# Python keeps what it compiled, also where an image of containers asks it not to: a run starts hundreds of processes,
# and each would compile the whole project anew.
unexport PYTHONDONTWRITEBYTECODE

python := .venv/bin/python
# Tests that run at the same time beside the one on PostgreSQL, more than two cores: half of their time they wait
# for a clock or a child. TESTS narrows what runs: make test TESTS="tests/kinds -k ratio"
JOBS ?= 3
# A file stays together: its tests share processes. (Groups by mark do nothing under pytest 9.2 with xdist 3.8.)
parallel := -n $(JOBS) --dist loadfile --no-loadscope-reorder
TESTS ?= tests

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "  PORT (8000) and SANDBOX_PORT (8900) choose the ports, PYTHON the interpreter: make run PORT=8001"

run: environment ## Start the portal with its sandbox; prints the address and the logins
	@exec $(python) manage.py run

reset: environment ## Empty var/ (database, files, keys) after asking; RESET=yes answers for you
	@$(python) manage.py reset

test: development ## Run every test of behaviour: on SQLite with a real browser, beside it on PostgreSQL
	@$(python) scripts/passes.py test $(parallel) $(TESTS)

proof: development ## Run every proof: kills, faults, random orders, load, nodes, docs; SHORT=1 leaves long ones out
	@$(python) scripts/passes.py $(if $(SHORT),short,proof) $(parallel) $(TESTS)

check: development ## Lint, types, layers, migrations, templates, spelling and locks; changes nothing
	@scripts/check

format: development ## Put code into the house style
	@$(python) -m ruff check --fix --quiet . && $(python) -m ruff format --quiet .

bench: development ## Measure what pages cost, and following many tasks; BENCH="--short" is shorter, --help tells more
	@$(python) -m tests.benchmarks $(BENCH) && $(if $(BENCH),:,$(python) -m tests.benchmarks.refreshing && $(python) -m tests.benchmarks.idle)

soak: development ## Order 2,000 tasks while everything breaks, and judge; SOAK="--minutes 2 --tasks 200" is shorter
	@$(python) -m tests.soak $(SOAK)

lock: development ## Write the lock files from pyproject.toml; UPGRADE=1 takes newer versions
	@$(python) scripts/lock.py $(if $(UPGRADE),--upgrade)

docs: development ## Write docs/topview-coverage.md: which call of TopView is used where
	@$(python) manage.py topview_coverage

vendor: development ## Fetch the front-end files named in static/vendor/manifest.json
	@$(python) manage.py vendor

screenshots: development ## Draw the README's pictures from a running portal
	@CHROMIUM="$$(scripts/chromium)" $(python) -m tests.screenshots

clean: ## Remove what can be made again: .venv, caches, builds; never var/
	@rm -rf .venv .cache build test-results *.egg-info .hypothesis .import_linter_cache .mypy_cache .ruff_cache
	@find . -name __pycache__ -type d -not -path './var/*' -prune -exec rm -rf {} +

environment:
	@scripts/environment requirements.lock

development:
	@scripts/environment requirements-dev.lock

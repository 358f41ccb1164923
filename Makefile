# Two commands for a newcomer: make run, make test. Both make the environment first.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test setup browser prism axe oidc lint quick bench nights mutants lock audit clean

run: setup
	$(BIN)/oncall demo

test: setup browser prism axe oidc lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup

quick: setup
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "not browser and not crash" -x

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

setup: $(VENV)/ready

# Locked versions with hashes, the whole tree of them, so nothing is resolved; the project itself without touching them.
$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed."; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV) 2>/dev/null || { \
		echo "The venv module is missing; installing Debian's python3-venv."; \
		apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv --clear $(VENV); }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -qq $(VENV)/lib oncall || true  # a house that was killed must not compile itself anew
	@touch $@

# Debian's Chromium for the browser tests, where we may install; elsewhere those tests are skipped by name.
browser:
	@command -v chromium >/dev/null || { \
		[ -f /etc/debian_version ] && [ "$$(id -u)" = 0 ] && \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null; } \
		|| echo "No Chromium: browser tests will be skipped."

# The published description as a server of somebody else's, for tests/contract/test_prism.py; never committed.
PRISM := var/peers/prism
prism: $(PRISM)/node_modules/.bin/prism

$(PRISM)/node_modules/.bin/prism:
	@command -v npm >/dev/null || { echo "No npm: the Prism test will be skipped."; exit 0; }; \
		mkdir -p $(PRISM) && cd $(PRISM) && \
		npm install --no-save --no-audit --no-fund --loglevel=error @stoplight/prism-cli@5.14.2 \
		|| echo "Prism cannot be had: its test will be skipped."

# The accessibility checker of the browser tests (tests/browser/axe.py); never committed.
AXE := var/peers/axe
axe: $(AXE)/node_modules/axe-core/axe.min.js

$(AXE)/node_modules/axe-core/axe.min.js:
	@command -v npm >/dev/null || { echo "No npm: the axe tests will be skipped."; exit 0; }; \
		mkdir -p $(AXE) && cd $(AXE) && \
		npm install --no-save --no-audit --no-fund --loglevel=error axe-core@4.10.3 \
		|| echo "axe-core cannot be had: its tests will be skipped."

# A certified identity provider by somebody else, for tests/contract/test_single_sign_on.py; never committed.
OIDC := var/peers/oidc
oidc: $(OIDC)/node_modules/oidc-provider/package.json

$(OIDC)/node_modules/oidc-provider/package.json:
	@command -v npm >/dev/null || { echo "No npm: the single sign-on tests will be skipped."; exit 0; }; \
		mkdir -p $(OIDC) && cd $(OIDC) && \
		npm install --no-save --no-audit --no-fund --loglevel=error oidc-provider@9.13.3 \
		|| echo "oidc-provider cannot be had: its tests will be skipped."

bench: setup
	for one in load alarm_to_page deadlines restart ingest triage rota pages spam; do $(BIN)/python -m bench.$$one || exit 1; done

# A hundred thousand nights in which everything goes wrong, other ones every day; a few hours on two cores.
nights: setup
	$(BIN)/oncall rehearse --nights 100000 --workers 2 --seed $$(date +%Y%m%d)00000

# Small mistakes put into rules, words and the triage core: which ones do the tests notice? Minutes to half an hour.
mutants: setup
	$(BIN)/python -m tests.mutation rules
	$(BIN)/python -m tests.mutation words
	$(BIN)/mutmut run; $(BIN)/mutmut results

# Needs uv; the lock names versions and hashes and no package index.
lock:
	uv pip compile pyproject.toml --all-extras --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 -q -o requirements.lock

# Known faults of what is locked, as PyPI and OSV know them; needs the Internet. What could not be looked up is a failure.
AUDIT := var/peers/audit
audit: $(AUDIT)/bin/pip-audit
	$(AUDIT)/bin/pip-audit --strict --require-hashes --disable-pip -r requirements.lock
	$(AUDIT)/bin/pip-audit --strict --require-hashes --disable-pip -r requirements.lock -s osv

$(AUDIT)/bin/pip-audit:
	$(PYTHON) -m venv $(AUDIT) && $(AUDIT)/bin/python -m pip install --quiet --disable-pip-version-check "pip-audit>=2.10,<3"

clean:
	rm -rf $(VENV) var mutants .pytest_cache .mypy_cache .ruff_cache .hypothesis

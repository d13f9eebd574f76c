# One page of commands for people; .ci/run calls the same ones. Needs only make, bash and Python >= 3.11.

SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help setup run run-kafka test test-lake-pg docs check kafka kafka-stop bench drill lock clean

VENV     := .venv
PY       := $(VENV)/bin/python
STAMP    := $(VENV)/.ready
PACKAGES := schemas projections ledger processors
# A person's own pip settings must not ask questions or lengthen what is printed.
PIP      := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 $(PY) -m pip
UV       := uv==0.13.9

help: ## show these lines
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## make .venv from requirements.lock (again only when the lock or pyproject.toml changed)

# Candidates are started, not only looked up: a version manager leaves names on the path that do not run, and
# Debian ships python3 without ensurepip, with which venv would stop half-way.
$(STAMP): requirements.lock pyproject.toml
	@rm -f $(STAMP); found=; lacking=; \
	for name in python3.13 python3.12 python3.11 python3; do \
	  $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
	  if $$name -c 'import ensurepip, venv' >/dev/null 2>&1; then found=$$name; break; fi; \
	  lacking=$${lacking:-$$name}; \
	done; \
	if [ -z "$$found" ] && [ -n "$$lacking" ]; then \
	  echo "setup: $$lacking is new enough but lacks venv. On Debian or Ubuntu: apt-get install $$lacking-venv, then make setup" >&2; \
	  echo "setup: $$lacking 版本足够，但缺少 venv。Debian 或 Ubuntu 请执行 apt-get install $$lacking-venv，再执行 make setup" >&2; \
	  exit 1; \
	fi; \
	if [ -z "$$found" ]; then \
	  echo "setup: needs Python 3.11 or newer, found: $$(python3 --version 2>/dev/null || echo none). Install one, then make setup" >&2; \
	  echo "setup: 需要 Python 3.11 或更高版本，现有：$$(python3 --version 2>/dev/null || echo 无)。请安装后再执行 make setup" >&2; \
	  exit 1; \
	fi; \
	if $(PY) -m pip --version >/dev/null 2>&1; then \
	  echo "setup 1/3: $(VENV) is there, with $$($(PY) --version)"; \
	else \
	  echo "setup 1/3: making $(VENV) with $$($$found --version) ($$found)"; \
	  $$found -m venv --clear $(VENV); \
	fi
	@echo "setup 2/3: $$(grep -cE '^[A-Za-z0-9]' requirements.lock) locked packages, each checked against its hash"
	@set -o pipefail; $(PIP) install --progress-bar off --require-hashes -r requirements.lock \
	  | awk '/^Collecting/ { printf "  %2d %s\n", ++n, $$2; fflush() } /^Installing/ { print "  installing"; fflush() }'
	@echo "setup 3/3: baogong itself, editable"
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $(STAMP)
	@echo "setup: ready"

run: setup ## play the trial into a rehearsal book under var/ and serve it (ONCE=1: print, check and end)
	@ONCE='$(ONCE)' $(PY) -m processors.trial

run-kafka: setup ## the same trial on a real Apache Kafka, two volumes, two workers of each kind (ONCE=1 as above)
	@ONCE='$(ONCE)' $(PY) -m processors.trial --kafka

test: setup ## all tests, two files at a time, then the short drill on Kafka alone (PYTEST_ARGS='-k word' for some tests)
	@$(PY) -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations=15 $(PYTEST_ARGS)
	@$(if $(PYTEST_ARGS),,$(PY) -m tests.kafka.drills --kills 10 --short)

test-lake-pg: setup ## the lake on a real PostgreSQL and an S3-compatible store (needs postgresql; moto goes to var/moto)
	@test -x var/moto/bin/moto_server || { $(PY) -m venv var/moto && \
	  var/moto/bin/python -m pip install --quiet --disable-pip-version-check 'moto[s3,server]==5.2.5'; }
	@BAOGONG_MOTO=var/moto/bin/moto_server $(PY) -m pytest -q tests/lake_on_postgres.py

docs: setup ## write what is generated: JSON Schemas, docs/entries.md, docs/sql.md, docs/audits.md …
	$(PY) -m ledger.publishing
	$(PY) -m ledger.lake.docs
	$(PY) -m ledger.rules_docs
	$(PY) -m ledger.alert_docs
	BAOGONG_LANG=en $(PY) -m ledger.cli.docs > docs/commands.md
	BAOGONG_LANG=zh $(PY) -m ledger.cli.docs > docs/commands.zh.md
	$(PY) -m tests.readme

check: setup ## lint, format, types, house rules, and that everything published is documented
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy --strict $(PACKAGES:%=-p %)
	$(PY) -m pytest -q tests/test_house.py tests/test_schemas.py tests/test_rules.py
	$(PY) -m pytest -q tests/test_commands.py tests/test_audits.py tests/test_lake.py -k "documented or document_names or comment or documents_its or documents_are"

kafka: ## start a real Apache Kafka on 127.0.0.1:9092, files under var/kafka (needs Java 17 and Maven)
	@python3 deploy/kafka/broker.py start

kafka-stop: ## stop it
	@python3 deploy/kafka/broker.py stop

bench: setup ## measure; table on the screen, figures in var/bench/latest.json (BENCH_ARGS)
	@$(PY) -m tests.bench $(BENCH_ARGS)

drill: setup ## kill and damage everything, long: the suite's drills, then Kafka's (KILLS=200, DRILL_ARGS, PYTEST_ARGS)
	@$(PY) -m pytest -q -m drill --durations=5 $(PYTEST_ARGS)
	@$(PY) -m tests.kafka.drills --kills $(or $(KILLS),200) $(DRILL_ARGS)

lock: setup ## resolve requirements.lock anew from pyproject.toml (LOCK_ARGS=--upgrade for newer versions)
	@$(PY) -m venv var/lock
	@var/lock/bin/python -m pip install --quiet --disable-pip-version-check $(UV)
	@var/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command 'make lock' --extra dev $(LOCK_ARGS) --output-file requirements.lock pyproject.toml
	@echo "lock: $$(grep -cE '^[A-Za-z0-9]' requirements.lock) packages in requirements.lock; make setup installs them"

clean: ## remove .venv, var/ and caches; a book under book/ is never touched
	rm -rf $(VENV) var build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +

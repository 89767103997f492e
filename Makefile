# Every target works from a fresh clone: the first one makes the environment.
# Settings are taken without their prefix: make build CATALOG=… LABELS=… WAREHOUSE=… ENCODER=… PROVIDER=… TARGET=… VARS='{…}'

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

SETTINGS := CATALOG SEARCH_LOG LABELS EXISTING_PAGES WAREHOUSE TABLE_FORMAT ENCODER PROVIDER MODEL SAMPLE_PRODUCTS SEED IMAGE_ROOTS \
	SPARK_MASTER SPARK_REMOTE SERVE_HOST SERVE_PORT SITE_URL CACHE TEXT_ENCODER CONCURRENCY WORKERS RPM TPM TIMEOUT BUDGET_USD IMAGE_LINKS TARGET SCHEMA
$(foreach name,$(SETTINGS),$(if $($(name)),$(eval export PINLANDING_$(name) = $$(value $(name)))))
DBT_FLAGS := $(if $(VARS),--vars '$(VARS)')

.PHONY: build test lint train study estimate evaluate benchmark cluster-test local-model-test serve site dashboard audit java clean
.DEFAULT_GOAL := build

build: $(VENV)/ready java ## From the catalogue to landing pages
	@$(BIN)/dbt build $(DBT_FLAGS)

test: $(VENV)/ready java lint ## Everything that must hold on the sample
	@$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder
	@$(BIN)/dbt build --selector everything $(DBT_FLAGS)

lint: $(VENV)/ready ## ruff, mypy, sqlfluff, and the project's manifest by dbt-score and dbt-bouncer
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/sqlfluff lint --processes 2 --disable-progress-bar models tests analyses
	@$(BIN)/dbt --quiet parse && $(BIN)/dbt-score lint && $(BIN)/dbt-bouncer

train: $(VENV)/ready java ## Fine-tune the encoder on the warehouse's pairs (PAIRS=labels: on the labels; CONFIG=file: other settings)
	@PAIRS=$(PAIRS) $(BIN)/python -m training $(if $(CONFIG),--config $(CONFIG)) $(DBT_FLAGS)

study: $(VENV)/ready java ## What an encoder learns at smaller extraction rates, for extraction_audit (PAIRS=labels: from labels)
	@PAIRS=$(PAIRS) $(BIN)/python -m training.study $(if $(CONFIG),--config $(CONFIG)) $(DBT_FLAGS)

estimate: $(VENV)/ready java ## What a build's model calls would cost; asks nothing
	@$(BIN)/dbt --quiet build $(DBT_FLAGS) --select +extraction_sample facets model_prices
	@$(BIN)/dbt --quiet run-operation estimate_cost $(DBT_FLAGS)

evaluate: $(VENV)/ready java ## Run models/evaluation again and print its headline figures
	@$(BIN)/dbt build $(DBT_FLAGS) --select audit_answers stg_labels models/evaluation metric_index+ metric_results+ --exclude tag:challenge test_type:unit

benchmark: $(VENV)/ready java ## Ours against peers, side by side → target/benchmark.json (ALL=1: the largest work too)
	@$(BIN)/python -m benchmarks $(if $(ALL),--all)

serve: $(VENV)/ready java ## A Thrift server for dbt (TARGET=thrift) and BI clients on localhost:10000 (SERVE_PORT, SERVE_HOST)
	@$(BIN)/python -m dbt_pinlanding.server

cluster-test: $(VENV)/ready java ## Builds on a Thrift server with readers, on a standalone master that loses a worker, and on Spark Connect (MODELS=…: fewer)
	@MODELS="$(MODELS)" $(BIN)/python -m pytest tests/cluster

local-model-test: $(VENV)/ready java ## A small real model on this machine answers through the path of the paid ones (needs node)
	@$(BIN)/python -m pytest tests/local_model

site: $(VENV)/ready ## The landing pages as a static preview → target/site/index.html
	@$(BIN)/python -m dashboards.site

dashboard: $(VENV)/ready ## The boards: coverage, precision, thresholds, … → target/dashboard/index.html
	@$(BIN)/python -m dashboards.dashboard

audit: $(VENV)/ready ## A blind sample for people to judge, with pictures → target/audit/index.html (ROUND=2: another sample)
	@$(BIN)/python -m dashboards.audit $(if $(ROUND),--round $(ROUND))

$(VENV)/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("pinlanding needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another with make PYTHON=python3.12 …") if sys.version_info < (3, 11) else 0'
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked requirements into $(VENV) (torch is large: some minutes the first time) …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

java:
	@command -v java >/dev/null || test -x "$$JAVA_HOME/bin/java" || { \
		echo "pinlanding needs Java 17 for Spark, and there is no java here. Get it with one of:"; \
		echo "  Debian, Ubuntu: sudo apt-get install openjdk-17-jre-headless"; \
		echo "  macOS:          brew install openjdk@17"; \
		echo "  conda:          conda install -c conda-forge openjdk=17"; \
		echo "then run the same command again (or set JAVA_HOME)."; exit 1; }
	@v=$$( ( [ -n "$$JAVA_HOME" ] && "$$JAVA_HOME/bin/java" -version || java -version ) 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -1); \
		[ "$${v:-0}" -ge 17 ] || { echo "pinlanding needs Java 17 or newer; this is Java $${v:-unknown}. Install openjdk-17 or set JAVA_HOME."; exit 1; }

clean:
	@rm -rf target logs

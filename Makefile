# The whole project from the command line. `make help` lists the targets.

SHELL := /bin/sh
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.venv/bin:$(PATH)

SEED ?= 7
SCALE ?= small
WORKERS ?= 2
ROWS ?= 10000000
READY := .venv/.ready

.PHONY: help setup demo test faults chaos lint format types up down status doctor build run docs grafana \
	docs-metrics coverage grafana-check grafana-preview bench bench-landing bench-quota bench-dashboards mrr-check clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  \033[1m%-16s\033[0m %s\n", $$1, $$2}' Makefile

setup: $(READY) ## Install everything from uv.lock into .venv (again after an interruption: just repeat)

$(READY): uv.lock pyproject.toml runner/setup.sh
	@sh runner/setup.sh
	@touch $(READY)

demo: setup ## Set up, land a synthetic world through the stand-in APIs, build every mart, show the figures
	@ytempire demo --seed $(SEED) --scale $(SCALE)

test: setup ## Run every test
	@python -m pytest -n $(WORKERS) --dist worksteal

faults: setup ## Switch every fault of the APIs on, for three worlds: what is landed and built stays the same
	@YTEMPIRE_FAULT_SEEDS=7,11,13 YTEMPIRE_ROWS_CHANGED=100 \
		python -m pytest -n $(WORKERS) --dist worksteal -rP tests/python/faults

chaos: setup ## Kill and reset the loader at hundreds of statements, tell it any story (about an hour)
	@YTEMPIRE_CHAOS_POINTS=88 YTEMPIRE_CHAOS_STORIES=100 \
		python -m pytest -n $(WORKERS) --dist worksteal tests/python/chaos

lint: setup ## Run ruff, mypy, sqlfluff and dbt-bouncer
	ruff check .
	ruff format --check .
	mypy
	sqlfluff lint --processes 2 models snapshots tests/singular tests/generic macros
	dbt parse --quiet
	dbt-bouncer --config-file dbt-bouncer.yml

format: setup ## Format the Python code
	ruff check --fix .
	ruff format .

up: setup ## Start the embedded PostgreSQL
	@ytempire up

down: setup ## Stop the embedded PostgreSQL
	@ytempire down

status: setup ## Show the server, the last run and how fresh each source is
	@ytempire status

doctor: setup ## Say for each setting and source whether it works, and what to do if not
	@ytempire doctor

build: setup ## Build and test every model
	@ytempire build

run: setup ## Extract, build and check: the one job for a scheduler
	@ytempire run

docs: setup ## Write the dbt documentation as one file, target/static_index.html
	@ytempire up && dbt docs generate --static --quiet && echo target/static_index.html

docs-metrics: setup ## Write docs/metrics.md from the definitions
	@python -m runner.metrics.page

coverage: setup ## Check that every model and column is documented and every mart tested
	@ytempire up && python -m runner.coverage

grafana: setup ## Write the dashboards' JSON and the alerts' files from their code
	@python -m grafana.generate
	@python -m grafana.alerts.generate

grafana-check: setup ## Say whether the committed dashboards and alerts are what their code gives
	@python -m grafana.generate --check
	@python -m grafana.alerts.generate --check

grafana-preview: setup ## Draw the dashboards from the built marts to PNG files in .ytempire/preview
	@ytempire up && python -m grafana.preview --output .ytempire/preview

bench: setup ## Time each step and the slowest models of the demo in a scratch warehouse (SCALE=mvp)
	@python -m runner.bench --scale $(SCALE)

bench-landing: setup ## Land ROWS=10000000 counter snapshots next to psql's copy and dlt: rows a second, ratios, memory
	@python -m runner.bench_landing compare --rows $(ROWS)

bench-dashboards: setup ## Open all dashboards as 1, 50 and 200 clients, as staff and each user: p50, p95, p99 of their queries
	@python -m runner.bench_dashboards

bench-quota: setup ## Simulate a day of YouTube refreshes at mvp scale: quota by bucket, and who waits how long
	@PYTHONPATH=. python tests/python/ingest/youtube_day.py

mrr-check: setup ## Try the movements of MRR on subscription periods of your own: FILE=periods.csv [FROM=2017-01]
	@python -m runner.mrr_check $(if $(FILE),"$(FILE)") $(if $(FROM),--from $(FROM))

clean: ## Stop the server and delete all that was made: the environment, the data, the outputs
	@if [ -x .venv/bin/ytempire ]; then .venv/bin/ytempire down --delete-data --yes; fi
	rm -rf .venv .ytempire target logs

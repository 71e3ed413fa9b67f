# `make` uses uv when it is installed, and the standard venv and pip when it is not.
UV := $(shell command -v uv 2>/dev/null)
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help setup demo test check mypy pyright fix docs bundle bench casebook fuzz

help: ## Show what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

setup: .venv/.ready ## Make .venv with everything, the development tools too

.venv/.ready: pyproject.toml uv.lock
ifdef UV
	$(UV) sync --quiet --frozen --all-extras --group dev
else
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[all]' --group dev
endif
	@touch $@

demo: setup ## Diagnose, fix and measure again a really slow service (under 90 s)
	$(BIN)/slowcoach demo -o demo-report.html

test: setup ## Run every test: three at a time, then two, at last alone what others would disturb
	$(BIN)/python -m pytest -m 'not slow or beside' -n 3 --dist loadfile
	$(BIN)/python -m pytest -m 'slow and not beside and not alone' -n 2 --dist loadgroup
	$(BIN)/python -m pytest -m alone

fuzz: setup ## Fuzz the readers of profiles, then of load results, an hour each; see fuzz-crashers/
	PYTHONPATH=tests $(BIN)/python -m fuzz --seconds 3600 --processes 2
	PYTHONPATH=tests $(BIN)/python -m fuzz --of load --seconds 3600 --processes 2

check: setup ## Lint, format, types, and whether the generated parts are fresh
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	@$(MAKE) --no-print-directory -j2 mypy pyright
	$(BIN)/python -m slowcoach_server.docs --check

mypy pyright: setup
	$(BIN)/$@

fix: setup ## Let ruff mend what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: setup ## Write the generated parts: tool tables, manifest, skill references
	$(BIN)/python -m slowcoach_server.docs

bundle: setup docs ## Build slowcoach.mcpb (needs npx)
	npx --yes @anthropic-ai/mcpb@2.1.2 validate manifest.json
	npx --yes @anthropic-ai/mcpb@2.1.2 pack . slowcoach.mcpb

casebook: setup ## Diagnose slow services with a known cause each, in four languages: a table
	$(BIN)/python benchmarks/casebook.py

bench: setup ## Measure against peers (see benchmarks/README.md)
	$(BIN)/python benchmarks/server_start.py
	$(BIN)/python benchmarks/tool_call.py
	$(BIN)/python benchmarks/read_profiles.py
	$(BIN)/python benchmarks/import_profiles.py
	$(BIN)/python benchmarks/record_python.py
	$(BIN)/python benchmarks/record_node.py
	$(BIN)/python benchmarks/record_go_java.py
	$(BIN)/python benchmarks/record_native.py
	$(BIN)/python benchmarks/read_plans.py 40 3
	$(BIN)/python benchmarks/analyze_queries.py 100000 100
	$(BIN)/python benchmarks/query_faults.py
	$(BIN)/python benchmarks/generate_load.py
	$(BIN)/python benchmarks/stall.py
	$(BIN)/python benchmarks/merge_runners.py
	$(BIN)/python benchmarks/read_access_logs.py
	$(BIN)/python benchmarks/read_load_results.py
	$(BIN)/python benchmarks/judge_load.py

# Every target works from a fresh checkout: what is missing is installed first, once.
.PHONY: help demo test check faults fuzz bench lock clean
.DEFAULT_GOAL := help

help: ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

demo: ## a running gateway on http://127.0.0.1:8000, with sample polls and simulated people
	@bin/setup
	@.venv/bin/baraza demo $(ARGS)

test: ## all tests, on real Redis, real PostgreSQL and Chromium (ARGS="-k ussd" for some)
	@bin/setup
	@bin/system-packages redis postgresql chromium pango strace iproute
	@PYTHONDONTWRITEBYTECODE= .venv/bin/pytest -n 2 --dist worksteal -rs $(ARGS) # or each process compiles everything

check: ## lint, format, types, import rules, and that each of them looked at everything
	@bin/setup
	@.venv/bin/python bin/check

faults: ## the tests that kill processes, take databases away and cut networks, with ten thousand messages each
	@bin/setup
	@bin/system-packages redis postgresql iproute
	@BARAZA_FAULTS=full .venv/bin/pytest -rs -s tests/faults $(ARGS)

fuzz: ## random polls and random people, for longer than in the tests
	@bin/setup
	@.venv/bin/pytest -n 2 -rs --hypothesis-profile=long tests/surveys/test_generated.py tests/surveys/test_engine.py $(ARGS)

bench: ## what is measured: engine, intake, sending, command line, encryption; JSON in var/bench
	@bin/setup
	@bin/system-packages redis postgresql wrk
	@.venv/bin/python -m bench $(ARGS)

lock: ## requirements.lock anew from pyproject.toml
	@bin/lock

clean: ## remove what was made here, the environment and var/ too
	rm -rf .venv var build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

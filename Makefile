# Grantway's commands. `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
GENERATED := sdk/grantway/v1 server/grantway_server/storage/v1
MYPY_TARGETS := sdk server gateway tests bench examples

.DEFAULT_GOAL := help
.PHONY: help run test check format gen timing bound bench clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Two stamps: `make run` needs the product only, everything else needs the developers' tools too.
$(VENV)/.product: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Grantway needs Python 3.11 or newer; set PYTHON=..." if sys.version_info < (3, 11) else 0)'
	@echo "Setting up $(VENV) (product)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[server,gateway,cli]'
	@touch $@

$(VENV)/.dev: $(VENV)/.product
	@echo "Setting up $(VENV) (developers' tools)"
	@PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[server,gateway,cli,dev]'
	@touch $@

run: $(VENV)/.product ## Start an embedded store, the core and the gateway, with a demo client
	@exec $(BIN)/grantway dev

test: $(VENV)/.dev ## Run the tests against real servers
	@echo "Running the tests"
	@$(BIN)/python -m pytest -n 2 $(PYTEST_ARGS)

check: $(VENV)/.dev ## Check format, lint, types, import rules, the contract and generated code
	@echo "ruff format"; $(BIN)/ruff format --check --quiet .
	@echo "ruff check"; $(BIN)/ruff check --quiet .
	@echo "mypy"; $(BIN)/mypy --no-error-summary $(MYPY_TARGETS)
	@echo "import-linter"; $(BIN)/lint-imports --no-logo > $(VENV)/lint-imports.txt || { cat $(VENV)/lint-imports.txt; exit 1; }
	@echo "buf lint"; $(BIN)/buf lint
	@echo "buf format"; $(BIN)/buf format --diff --exit-code
	@echo "buf breaking"; BUF=$(BIN)/buf sh protos/check-breaking.sh
	@echo "generated code is fresh"; rm -rf $(VENV)/gen && mkdir -p $(VENV)/gen/sdk $(VENV)/gen/server \
		&& { $(MAKE) --no-print-directory gen OUT=$(VENV)/gen/ > $(VENV)/gen.txt 2>&1 || { cat $(VENV)/gen.txt; exit 1; }; } \
		&& for d in $(GENERATED); do diff --recursive --exclude=__pycache__ --exclude=__init__.py $$d $(VENV)/gen/$$d || { echo "Run 'make gen' and commit."; exit 1; }; done

format: $(VENV)/.dev ## Format the code and mend what ruff can mend
	@$(BIN)/ruff format .; $(BIN)/ruff check --fix .; $(BIN)/buf format --write

# One generator (grpc_tools.protoc); services get a _pb2_grpc.py, message-only files do not.
gen: $(VENV)/.dev ## Generate the Python stubs from protos/
	@echo "Generating stubs"
	@PATH="$(BIN):$$PATH" $(BIN)/python -m grpc_tools.protoc -I protos --python_out=$(OUT)sdk --pyi_out=$(OUT)sdk protos/grantway/v1/*.proto
	@PATH="$(BIN):$$PATH" $(BIN)/python -m grpc_tools.protoc -I protos --grpc_python_out=$(OUT)sdk --mypy_grpc_out=$(OUT)sdk protos/grantway/v1/*_service.proto
	@PATH="$(BIN):$$PATH" $(BIN)/python -m grpc_tools.protoc -I protos --python_out=$(OUT)server --pyi_out=$(OUT)server protos/grantway_server/storage/v1/*.proto

timing: $(VENV)/.dev ## Measure that every failed authentication takes the same time (a minute)
	@$(BIN)/python -m pytest -m campaign -s --timeout 600 tests/campaigns/test_authentication_time.py

bound: $(VENV)/.dev ## Measure how long a revoked token lives, and what checking one costs (ten minutes)
	@$(BIN)/python -m pytest -m campaign -s --timeout 1800 tests/campaigns/test_revocation_bound.py

ifneq ($(filter bench,$(MAKECMDGOALS)),)
# Before anything is installed.
$(if $(filter-out QUICK=0 QUICK=1 GROWTH=0 GROWTH=1 PYTHON=%,$(MAKEOVERRIDES)),$(error make bench takes QUICK=1 or GROWTH=1; $(BIN)/python -m bench --help has more))
endif
bench: $(VENV)/.dev ## Measure CPU time per token (half an hour; QUICK=1: three minutes)
	@$(BIN)/python -m bench $(if $(filter-out 0,$(GROWTH)),growth) $(if $(filter-out 0,$(QUICK)),--quick)

clean: ## Remove what the other targets made; the data of `grantway dev --data` stays
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@rm -rf bench/peers/*/node_modules bench/peers/*/.venv
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each target first makes the environment that it needs, from nothing but Python 3.11+ and make. An environment is
# made once; .ready-X in it says that the extras X were installed after pyproject.toml last changed.

PYTHON ?= python3
# One environment per interpreter, so that `make test PYTHON=python3.13` leaves .venv alone.
VENV   ?= .venv$(if $(filter-out python3,$(PYTHON)),-$(subst /,-,$(patsubst /%,%,$(PYTHON))))
JOBS   ?= 2
ARGS   ?=

.DEFAULT_GOAL := help
.PHONY: help train test test-torch check whole bench bench-peers fuzz docs-check road wheel clean
.NOTPARALLEL: # under `make -j` two targets would set up one environment at once
.SECONDARY:

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s%s\n", $$1, $$2 }' Makefile
	@echo
	@echo '  ARGS="-k softmax"   is passed on to the command (here pytest)'
	@echo '  PYTHON=python3.13   makes the environment with another interpreter'
	@echo '  VENV=path           uses another environment, one of your own for instance'
	@echo '  JOBS=1              is the number of processes that run tests'

train: $(VENV)/.ready-train ## Train a model on the built-in dataset
	$(VENV)/bin/chainrule train $(ARGS)

test: $(VENV)/.ready-test ## Run the tests, and the examples in docstrings and pages
	$(VENV)/bin/python -m pytest -n $(JOBS) $(ARGS)

test-torch: $(VENV)-torch/.ready-test,compare,browser ## The same with PyTorch beside: runs the comparing tests too
	$(VENV)-torch/bin/python -m pytest -n $(JOBS) $(ARGS)

check: $(VENV)/.ready-check ## Lint, check types, check that the layers hold
	$(VENV)/bin/ruff check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-logo

whole: $(VENV)/.ready-test ## Say which of the complete programs train whole by machine code, and why others do not
	$(VENV)/bin/python -m tests.compiler.programs $(ARGS)

BENCH_VENV = $(if $(wildcard $(VENV)-torch/bin/python),$(VENV)-torch,$(VENV))
bench: $(BENCH_VENV)/.ready-all ## Run the benchmarks; against PyTorch too, once `make test-torch` has installed it
	$(BENCH_VENV)/bin/python -m benchmarks $(ARGS)

bench-peers: $(VENV)-torch/.ready-all,compare,peers ## The same, with PyTorch, JAX and tinygrad installed first
	$(VENV)-torch/bin/python -m benchmarks $(ARGS)

fuzz: $(VENV)-torch/.ready-test,compare ## Look for counterexamples: the property tests, and calls beside PyTorch, on new random inputs
	$(VENV)-torch/bin/python -m pytest -n $(JOBS) -m hypothesis --hypothesis-profile=fuzz tests $(ARGS)
	$(VENV)-torch/bin/python -m tests.differential --cases 200000 --seed $$$$

docs-check: $(VENV)/.ready-test ## Run every example in pages and docstrings, follow every link
	$(VENV)/bin/python -m pytest tests/architecture/test_pages.py src/chainrule $(ARGS)

road: $(VENV)/.ready-test ## Make the course's notebooks from their sources, executed (ARGS="03 07": some of them)
	$(VENV)/bin/python -m tests.road $(ARGS)

frontend: ## Build the reports' page anew, and test its parts; needs Node.js
	cd frontend && npm ci --ignore-scripts && npm run check && npm test && npm run build

screenshots: $(VENV)-torch/.ready-test,compare,browser ## Make the pictures in docs/report.md anew; needs Chromium
	$(VENV)-torch/bin/python -m tests.reporting docs/images

wheel: $(VENV)/.ready-all ## Build the wheel into dist/
	$(VENV)/bin/python -m pip wheel --quiet --no-deps --wheel-dir dist .
	@ls -l dist/*.whl

clean: ## Remove the environments and everything else that was made
	rm -rf .venv .venv-* dist frontend/node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +


# $(@D) is the environment and $* the extras. A second make in this folder waits for the first (where flock exists),
# then finds the work done. An environment that has pip is never made anew: it may be somebody's own.
define SET_UP
@$(if $(shell command -v flock),flock Makefile) sh -ec ' \
	if [ "$@" -nt pyproject.toml ]; then exit 0; fi; \
	if ! "$(@D)/bin/python" -m pip --version >/dev/null 2>&1; then \
		echo "making the environment $(@D)"; \
		"$(PYTHON)" -c "import sys; sys.exit(sys.version_info < (3, 11) and \
			sys.executable + \" is Python %d.%d; chainrule needs 3.11 or later: make $(MAKECMDGOALS) PYTHON=python3.11\" \
			% sys.version_info[:2])"; \
		"$(PYTHON)" -m venv "$(@D)"; \
	fi; \
	echo "installing chainrule[$*] into $(@D)"; \
	"$(@D)/bin/python" -m pip install --quiet --disable-pip-version-check --editable ".[$*]"; \
	touch "$@"'
endef

$(VENV)/.ready-%: pyproject.toml
	$(SET_UP)

$(VENV)-torch/.ready-%: pyproject.toml
	$(SET_UP)

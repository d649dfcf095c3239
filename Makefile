# Every target sets up what it needs. PYTHON names the interpreter that the environment is made with.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
AUTOGRADER := $(BIN)/python -I -m autograder
PATHS := autograder benchmarks tests nbgrader_config.py
WORKERS ?= auto

# make grade ASSIGNMENT=ps2-vector-jacobian-products SUBMITTED=folder ARGS="--force"
GRADE_ARGS := $(if $(ASSIGNMENT),--assignment $(ASSIGNMENT)) $(if $(SUBMITTED),--submitted $(SUBMITTED)) $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help grade test soak release register check fix gradescope doctor formgrader lab bench mutants mutants-map clean

help: ## what can be done here
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "This course needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Run for example: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 2; }
	@echo "Setting up $(VENV) (once, a few minutes) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

grade: $(READY) ## grade submitted/ (the example cohort if it is empty)
	@$(AUTOGRADER) grade $(GRADE_ARGS)

test: $(READY) ## the test suite
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup $(ARGS)

soak: $(READY) ## the slow tests that `make test` leaves out
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n $(WORKERS) -m slow $(ARGS)

release: $(READY) ## make assignments/ from solutions/
	@$(AUTOGRADER) release $(if $(ASSIGNMENT),--assignment $(ASSIGNMENT))

register: $(READY) ## tell the gradebook about the assignments
	@$(AUTOGRADER) register $(if $(ASSIGNMENT),--assignment $(ASSIGNMENT))

check: $(READY) ## lint, types, generated files in sync; writes nothing
	@$(BIN)/ruff check $(PATHS)
	@$(BIN)/ruff format --check --quiet $(PATHS) || { echo "Not formatted: run 'make fix'." >&2; exit 1; }
	@$(BIN)/mypy
	@$(AUTOGRADER) release --check

fix: $(READY) ## format and mend what ruff can mend
	@$(BIN)/ruff check --fix --quiet $(PATHS) || true
	@$(BIN)/ruff format --quiet $(PATHS)

gradescope: $(READY) ## build autograder.zip for Gradescope: ASSIGNMENT=ps2-vector-jacobian-products
	@$(AUTOGRADER) gradescope $(if $(ASSIGNMENT),--assignment $(ASSIGNMENT))

doctor: $(READY) ## which walls stand on this machine, and what to do about the others
	@$(AUTOGRADER) doctor

formgrader: $(READY) ## grade essays by hand in the browser
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/jupyter lab --LabApp.default_url=/formgrader $(ARGS)

lab: $(READY) ## open copies of the released notebooks as a student sees them
	@$(AUTOGRADER) lab $(if $(ASSIGNMENT),--assignment $(ASSIGNMENT)) $(ARGS)

bench: $(READY) ## throughput against stock nbgrader, the engine against PyTorch; writes benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks.throughput $(ARGS)

mutants: $(READY) ## small faults by rule: does a test notice? ARGS="--resume" goes on
	@$(BIN)/python -m tests.mutants run $(ARGS)

mutants-map: $(READY)
	@$(BIN)/python -m tests.mutants map

clean: ## remove the environment, caches and the example's results; keeps submissions, gradebook and secret
	rm -rf $(VENV) example .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

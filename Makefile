# Every target sets up what it needs. PYTHON names the interpreter that the environment is made with, TORCH=cuda another
# build of PyTorch; SETUP=true leaves the environment alone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := "$(BIN)/python"
AUTOGRADER := $(RUN) -I -m autograder
PATHS := autograder benchmarks requirements solutions tests nbgrader_config.py
WORKERS ?= auto

# make grade ASSIGNMENT=ps2-vector-jacobian-products SUBMITTED=folder ARGS="--force"
GRADE_ARGS := $(if $(ASSIGNMENT),--assignment $(ASSIGNMENT)) $(if $(SUBMITTED),--submitted $(SUBMITTED)) $(ARGS)

.DEFAULT_GOAL := help
.PHONY: help grade test soak release register check fix gradescope doctor formgrader lab bench lock mutants mutants-map clean

help: ## what can be done here
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

# $(call ready,groups): an environment with these groups of packages. Without PYTHON=... one that is there stays.
SETUP = sh requirements/setup.sh "$(if $(filter file default,$(origin PYTHON)),$(BIN)/python)" "$(PYTHON)"
ready = $(SETUP) "$(VENV)" $(1) --torch "$(TORCH)" --project .

grade: ## grade submitted/ (the example cohort if it is empty)
	@$(call ready,grade)
	@$(AUTOGRADER) grade --course . $(GRADE_ARGS)

test: ## the test suite
	@$(call ready,grade test cluster mutants)
	@OMP_NUM_THREADS=1 $(RUN) -m pytest -q -n $(WORKERS) --dist loadgroup $(ARGS)

soak: ## the slow tests that `make test` leaves out
	@$(call ready,grade test cluster mutants)
	@OMP_NUM_THREADS=1 $(RUN) -m pytest -q -n $(WORKERS) -m slow $(ARGS)

release: ## make assignments/ from solutions/
	@$(call ready,grade)
	@$(AUTOGRADER) release --course . $(if $(ASSIGNMENT),--assignment $(ASSIGNMENT))

register: ## tell the gradebook about the assignments
	@$(call ready,grade)
	@$(AUTOGRADER) register --course . $(if $(ASSIGNMENT),--assignment $(ASSIGNMENT))

check: ## lint, types, generated files in sync; writes nothing
	@$(call ready,grade lint)
	@$(RUN) -m ruff check $(PATHS)
	@$(RUN) -m ruff format --check --quiet $(PATHS) || { echo "Not formatted: run 'make fix'." >&2; exit 1; }
	@$(RUN) -m mypy
	@$(AUTOGRADER) release --course . --check

fix: ## format and mend what ruff can mend
	@$(call ready,grade lint)
	@$(RUN) -m ruff check --fix --quiet $(PATHS) || true
	@$(RUN) -m ruff format --quiet $(PATHS)

gradescope: ## build autograder.zip for Gradescope: ASSIGNMENT=ps2-vector-jacobian-products
	@$(call ready,grade)
	@$(AUTOGRADER) gradescope --course . $(if $(ASSIGNMENT),--assignment $(ASSIGNMENT))

doctor: ## which walls stand on this machine, and what to do about the others
	@$(call ready,grade)
	@$(AUTOGRADER) doctor

formgrader: ## grade essays by hand in the browser
	@$(call ready,grade lab)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(RUN) -m jupyterlab --LabApp.default_url=/formgrader $(ARGS)

lab: ## open copies of the released notebooks as a student sees them
	@$(call ready,grade lab)
	@$(AUTOGRADER) lab --course . $(if $(ASSIGNMENT),--assignment $(ASSIGNMENT)) $(ARGS)

bench: ## throughput against stock nbgrader, the engine against PyTorch; writes benchmarks/RESULTS.md
	@$(call ready,grade test)
	@$(RUN) -m benchmarks.throughput $(ARGS)

lock: ## pin again what pyproject.toml declares; ARGS=--upgrade takes the newest versions
	@$(call ready,grade)
	@$(RUN) requirements/lock.py $(ARGS)

mutants: ## small faults by rule: does a test notice? ARGS="--resume" goes on
	@$(call ready,grade test cluster mutants)
	@$(RUN) -m tests.mutants run $(ARGS)

mutants-map:
	@$(call ready,grade test cluster mutants)
	@$(RUN) -m tests.mutants map

clean: ## remove the environment, caches and the example's results; keeps submissions, gradebook and secret
	rm -rf "$(VENV)" example .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

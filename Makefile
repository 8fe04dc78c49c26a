# Two commands do everything on a fresh machine: `make demo` and `make test`.
#
#   make demo    installs gambol into .venv and plays the whole cycle on a made-up world
#   make test    installs the development extras, then runs every check and every test
#   make check   ruff, mypy and the import contracts
#   make bench   the measurements behind docs/benchmarks.md
#
# PyTorch is installed first and never resolved again. Its default build on Linux brings CUDA along
# (gigabytes); a machine without a GPU can take the small one instead:
#
#   make demo TORCH_INDEX=https://download.pytorch.org/whl/cpu

PYTHON ?= python3
TORCH_INDEX ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt
# An index of PyTorch's own holds few other packages, so what torch needs comes with gambol's install.
TORCH_SOURCE := $(if $(TORCH_INDEX),--index-url $(TORCH_INDEX) --no-deps)

.DEFAULT_GOAL := help
.PHONY: help demo test check bench docs

help:
	@sed -n 's/^#   make/make/p' Makefile

demo: $(VENV)/.installed
	$(BIN)/gambol demo --overwrite

test: check
	$(BIN)/python -m pytest

check: $(VENV)/.developing
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.developing
	$(BIN)/mkdocs build --strict

bench: $(VENV)/.developing
	@for name in accuracy warm_start recipes hard_nodes backbones training_step prediction_speed decoding tables; do echo "== $$name"; $(BIN)/python benchmarks/$$name.py || exit 1; done

# Empty files that remember what was installed; a change of the pins or of the dependencies renews them.
$(VENV)/.torch: constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) $(TORCH_SOURCE) torch
	touch $@

$(VENV)/.installed: $(VENV)/.torch pyproject.toml
	$(PIP) -e .
	touch $@

$(VENV)/.developing: $(VENV)/.torch pyproject.toml
	$(PIP) -e ".[dev,docs]"
	touch $@

# Two commands do everything: `make demo` and `make test`. Each sets up what it needs in .venv, once.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SHARED := ../shared/data
# A data folder beside the checkout is used where there is one; INKREAD_DATA from outside wins.
ifneq ($(wildcard $(SHARED)),)
export INKREAD_DATA ?= $(abspath $(SHARED))
endif

.PHONY: demo test check docs format notebooks letters-data letter-tracks line-data records clean help

help:
	@echo "make demo       train digits, evaluate, read a message: the whole story in a minute"
	@echo "make test       every test, notebooks included"
	@echo "make check      format, lint, types, floors, fast tests"
	@echo "make docs       write the command reference and build the site into build/site"
	@echo "make format     put the code into its form"
	@echo "make notebooks  open the notebooks in a browser"
	@echo "make letters-data  gather what the shipped letters learn from (needs npm and the data folder)"
	@echo "make letter-tracks  the glyphs of the two records on letters (the same)"
	@echo "make line-data  gather what the shipped line network learns from (the same)"
	@echo "make records    write the README's tables anew from records/"

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	@touch $@

demo: $(VENV)/ready
	$(BIN)/inkread demo

test: check
	$(BIN)/python -m pytest -rs -m "slow and not gpu and not network"

check: $(VENV)/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/readme_tables.py --check
	$(BIN)/python scripts/command_reference.py --check
	$(BIN)/python -m pytest -n auto -m "not slow and not gpu and not network"

docs: $(VENV)/ready
	$(BIN)/python scripts/command_reference.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build
	@echo "open build/site/index.html"

format: $(VENV)/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

notebooks: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --editable ".[notebooks]"
	$(BIN)/jupyter lab notebooks

letters-data: build/letters.npz

letter-tracks: build/letters.npz
	$(BIN)/python scripts/letter_tracks.py build/letters.npz build

build/fonts.npz: $(VENV)/ready scripts/fonts.json
	$(BIN)/python scripts/fetch_fonts.py build/fonts --render $@

line-data: build/line-glyphs.npz build/line-fonts/fonts.json

build/line-fonts/fonts.json: $(VENV)/ready scripts/line_fonts.json
	$(BIN)/python scripts/fetch_fonts.py build/line-fonts --list scripts/line_fonts.json

build/line-glyphs.npz: $(VENV)/ready scripts/line_data.py
	$(BIN)/python scripts/line_data.py $@

build/letters.npz: build/fonts.npz scripts/letters_data.py
	$(BIN)/python scripts/letters_data.py build/fonts.npz $@

records: $(VENV)/ready
	$(BIN)/python scripts/readme_tables.py

clean:
	rm -rf $(VENV) build dist runs .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

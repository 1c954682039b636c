PYTHON ?= python3
PORT ?= 8501
VENV ?= .venv
BIN := $(VENV)/bin
# Tests look for rclone, which comes with the packages.
export PATH := $(abspath $(BIN)):$(PATH)

.PHONY: run demo test test-slow lint bench requirements

run: $(BIN)/.run
	$(BIN)/streamlit run app.py --server.port $(PORT)

demo: $(BIN)/.demo
	$(BIN)/python -m studybuddy demo

test: $(BIN)/.dev
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

test-slow: $(BIN)/.dev
	$(BIN)/python -m pytest -m slow --timeout 0

lint: $(BIN)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict

bench: $(BIN)/.dev
	$(BIN)/python bench/add.py
	$(BIN)/python bench/start.py
	$(BIN)/python bench/catalog.py
	$(BIN)/python bench/search.py
	$(BIN)/python bench/scan.py
	$(BIN)/python bench/process.py
	$(BIN)/python bench/migrate_journal.py --items 100000

requirements: $(BIN)/.dev
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile $(COMPILE) --output-file requirements.txt requirements.in
	$(BIN)/pip-compile $(COMPILE) --output-file requirements-demo.txt requirements-demo.in
	$(BIN)/pip-compile $(COMPILE) --output-file requirements-cluster.txt requirements-cluster.in
	$(BIN)/pip-compile $(COMPILE) --output-file requirements-transcribe.txt requirements-transcribe.in
	$(BIN)/pip-compile $(COMPILE) --output-file requirements-dev.txt requirements-dev.in

COMPILE := --quiet --no-header --no-emit-options --no-emit-index-url --no-emit-find-links --no-emit-trusted-host \
	--strip-extras --annotation-style=line

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Study Buddy needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)

$(BIN)/.run: requirements.txt | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(BIN)/.demo: requirements-demo.txt requirements.txt | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-demo.txt
	touch $@

$(BIN)/.dev: requirements-dev.txt requirements.txt | $(BIN)/python
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

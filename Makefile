# Every target makes .venv itself and installs again only when the pinned packages changed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: install app demo test check pot untranslated wheel clean

install: $(STAMP)

$(STAMP): pyproject.toml setup.py requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

app: install  ## the web app in the browser
	$(BIN)/thaw app

demo: install  ## the whole path on a built-in sample, without a browser
	$(BIN)/thaw demo

test: install  ## all tests, two files at a time
	$(BIN)/python -m pytest --numprocesses=2 --dist=loadfile

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

pot: install  ## collect every string for people into the catalogs; then list what they lack
	$(BIN)/pybabel -q extract --mapping pyproject.toml --omit-header --no-location --sort-output \
		--output-file tl_core/locale/thaw.pot .
	$(BIN)/pybabel -q update --domain thaw --input-file tl_core/locale/thaw.pot \
		--output-dir tl_core/locale --no-fuzzy-matching --ignore-obsolete \
		--ignore-pot-creation-date
	$(BIN)/python -m tests.catalogs

untranslated: install  ## list the texts that a language lacks
	$(BIN)/python -m tests.catalogs

wheel: install
	rm -rf build dist
	$(BIN)/python -m pip wheel --no-deps --no-build-isolation --wheel-dir dist .

clean:
	rm -rf $(VENV) build dist static *.egg-info .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

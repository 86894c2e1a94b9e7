# `make lab` opens the lessons and `make test` runs every test; each sets up .venv by itself.
# On Windows without make, see the three lines in README.md.

PYTHON ?= python3
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
COLAB := $(BIN:.venv%=.venv-colab%)
BUILD := build
LESSONS := $(sort $(wildcard notebooks/*.ipynb))
CLEAN := --keep-output --keep-count --keep-id --extra-keys metadata.language_info.version
EXECUTE = $(BIN)/jupyter nbconvert --to notebook --execute --inplace --log-level WARN \
	--ExecutePreprocessor.record_timing=False --ExecutePreprocessor.store_widget_state=False \
	--CoalesceStreamsPreprocessor.enabled=True --ExecutePreprocessor.timeout=300 --KernelManager.transport_encryption=auto
ROOT = $(if $(filter 0,$(shell id -u)),--allow-root)  # in a container, one often is root
REPO_NOW = $(shell sed -n 's/^repository = "\(.*\)"/\1/p' pyproject.toml)

# uv installs where it is there; pip does elsewhere, and wherever pip was told to do without network.
UV := $(if $(PIP_NO_INDEX),,$(shell command -v uv))
venv = $(if $(UV),$(UV) venv --allow-existing --seed --python $(PYTHON) $(1),\
	$(PYTHON) -m venv $(1) && $(2)/python -m pip install --upgrade pip)
install = $(if $(UV),$(UV) pip install --python $(1)/python,$(1)/python -m pip install) $(2)
# The tests of a file stay together on one core, because they share what they make. At most four at once: a kernel takes over 1 GB.
PYTEST = -m pytest -n auto --maxprocesses=4 --dist loadfile --no-loadscope-reorder

.PHONY: lab test test-quick run lessons student check bench models test-colab links hooks

lab: .venv/lessons  ## open the lessons in JupyterLab
	@echo "JupyterLab opens in your browser now. To stop it, press Ctrl+C here, twice."
	$(BIN)/jupyter lab $(ROOT) notebooks/00_start_here.ipynb

test: .venv/develop  ## helper tests, and every notebook as a test
	@echo "All tests run now: about 10 minutes on 2 cores. For the quick ones alone: make test-quick"
	$(BIN)/python $(PYTEST) --cov=helpers --cov-report=term --cov-fail-under=95

test-quick: .venv/develop  ## what a change needs first: no lesson is executed, no network trained
	$(BIN)/python $(PYTEST) -m "not slow" tests

run: .venv/lessons  ## execute all lessons into build/
	@mkdir -p $(BUILD) && cp $(LESSONS) $(BUILD)/
	@export COURSE_STATIC=1 COURSE_PROGRESS_DIR="$(abspath $(BUILD))/progress"; \
	for lesson in $(notdir $(LESSONS)); do \
		echo "running $$lesson"; rm -rf $(BUILD)/saved $(BUILD)/progress; $(EXECUTE) $(BUILD)/$$lesson || exit 1; done
	@echo "All lessons ran. They lie, with their results, in $(BUILD)/"

lessons: .venv/develop  ## execute lessons on the real data, clean them, and put them in place
	COURSE_DATA=real $(MAKE) run
	$(BIN)/nbstripout $(CLEAN) $(LESSONS:notebooks/%=$(BUILD)/%)
	$(BIN)/python -m tools.lessons stamp $(LESSONS:notebooks/%=$(BUILD)/%)
	mv $(LESSONS:notebooks/%=$(BUILD)/%) notebooks/

STUDENT = $(BUILD)/student
student: .venv/lessons  ## copies of the lessons without solutions; with OUTPUTS=no also without results
	$(BIN)/jupyter nbconvert --to notebook --log-level WARN --output-dir $(STUDENT) $(LESSONS) \
		--TagRemovePreprocessor.enabled=True --TagRemovePreprocessor.remove_cell_tags=solution \
		--ClearOutputPreprocessor.enabled=$(if $(filter no,$(OUTPUTS)),True,False)
	@echo "The lessons without solutions lie in $(STUDENT)/"

check: .venv/develop  ## style, format, types, and clean and fresh notebooks
	$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/mypy
	$(BIN)/nbstripout --verify $(CLEAN) $(LESSONS)
	$(BIN)/python -m tools.lessons verify

bench: .venv/develop  ## the figures of README.md; interrupted, it goes on where it stopped
	$(BIN)/python -m benchmarks.loading
	$(BIN)/python -m benchmarks.photos
	$(BIN)/python -m benchmarks.systems
	$(BIN)/python -m benchmarks.lessons

models: .venv-colab/develop  ## train the models that come with the course, on the oldest versions
	COURSE_DATA=real $(COLAB)/python -m models.train

test-colab: .venv-colab/develop  ## all tests on Colab's versions, which are the oldest supported
	$(COLAB)/python $(PYTEST) -W default

links:  ## make links REPO=owner/name: write the repository's address everywhere
	@case "$(REPO)" in */*) ;; *) echo "say where: make links REPO=owner/name"; exit 1;; esac
	git grep -l '$(REPO_NOW)' | xargs perl -pi -e 's|\Q$(REPO_NOW)\E|$(REPO)|g'

hooks: .venv/develop  ## for contributors: checks before each commit, and readable notebook differences
	$(BIN)/pre-commit install
	$(BIN)/nbdime config-git --enable

.venv/lessons: requirements.txt
	$(PYTHON) -m helpers.environment --before-install
	$(call venv,.venv,$(BIN))
	@echo "Installing the packages into .venv: about 0.5 GB to download, once. This takes some minutes."
	$(call install,$(BIN),-r requirements.txt)
	@touch $@
	@echo "Installed."

.venv/develop: .venv/lessons pyproject.toml
	@echo "Installing what the tests need besides, once."
	$(call install,$(BIN),--group dev)
	@touch $@

.venv-colab/develop: requirements.txt tests/colab-constraints.txt pyproject.toml
	$(call venv,.venv-colab,$(COLAB))
	$(call install,$(COLAB),-r requirements.txt --group dev -c tests/colab-constraints.txt)
	@touch $@

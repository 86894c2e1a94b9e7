# `make lab` opens the lessons and `make test` runs every test; each sets up .venv by itself.
# On Windows without make, see the three lines in README.md.

PYTHON ?= python3
BIN := .venv/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
COLAB := $(BIN:.venv%=.venv-colab%)
LESSONS := $(sort $(wildcard notebooks/*.ipynb))
CLEAN := --keep-output --keep-count --keep-id --extra-keys metadata.language_info.version
EXECUTE = $(BIN)/jupyter nbconvert --to notebook --execute --inplace --log-level WARN \
	--ExecutePreprocessor.record_timing=False --ExecutePreprocessor.store_widget_state=False \
	--CoalesceStreamsPreprocessor.enabled=True --ExecutePreprocessor.timeout=300 --KernelManager.transport_encryption=auto
ROOT = $(if $(filter 0,$(shell id -u)),--allow-root)  # in a container, one often is root
REPO_NOW = $(shell sed -n 's/^repository = "\(.*\)"/\1/p' pyproject.toml)

.PHONY: lab test run lessons student check bench models test-colab links

lab: .venv/lessons  ## open the lessons in JupyterLab
	$(BIN)/jupyter lab $(ROOT) notebooks/00_start_here.ipynb

test: .venv/develop  ## helper tests, and every notebook as a test
	$(BIN)/python -m pytest

run: .venv/lessons  ## execute all lessons into build/
	@mkdir -p build && cp $(LESSONS) build/
	@export COURSE_STATIC=1 COURSE_PROGRESS_DIR="$(CURDIR)/build/progress"; \
	for lesson in $(notdir $(LESSONS)); do \
		echo "running $$lesson"; rm -rf build/saved build/progress; $(EXECUTE) build/$$lesson || exit 1; done
	@echo "All lessons ran. They lie, with their results, in build/"

lessons: .venv/develop  ## execute all lessons on the real data, clean them, and put them in place
	COURSE_DATA=real $(MAKE) run
	$(BIN)/nbstripout $(CLEAN) $(LESSONS:notebooks/%=build/%) && mv $(LESSONS:notebooks/%=build/%) notebooks/

STUDENT = build/student
student: .venv/lessons  ## copies of the lessons without solutions; with OUTPUTS=no also without results
	$(BIN)/jupyter nbconvert --to notebook --log-level WARN --output-dir $(STUDENT) $(LESSONS) \
		--TagRemovePreprocessor.enabled=True --TagRemovePreprocessor.remove_cell_tags=solution \
		--ClearOutputPreprocessor.enabled=$(if $(filter no,$(OUTPUTS)),True,False)
	@echo "The lessons without solutions lie in $(STUDENT)/"

check: .venv/develop  ## style, format, and clean notebooks
	$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/nbstripout --verify $(CLEAN) $(LESSONS)

bench: .venv/develop  ## the figures of README.md; interrupted, it goes on where it stopped
	$(BIN)/python -m benchmarks.loading
	$(BIN)/python -m benchmarks.photos
	$(BIN)/python -m benchmarks.systems
	COURSE_BENCH=1 $(BIN)/python -m pytest -q -rP -k alone tests/test_lessons.py

models: .venv-colab/develop  ## train the models that come with the course, on the oldest versions
	COURSE_DATA=real $(COLAB)/python models/train.py

test-colab: .venv-colab/develop  ## all tests on Colab's versions, which are the oldest supported
	$(COLAB)/python -m pytest

links:  ## make links REPO=owner/name: write the repository's address everywhere
	@case "$(REPO)" in */*) ;; *) echo "say where: make links REPO=owner/name"; exit 1;; esac
	git grep -l '$(REPO_NOW)' | xargs perl -pi -e 's|\Q$(REPO_NOW)\E|$(REPO)|g'

.venv/lessons: requirements.txt
	$(PYTHON) -m helpers.environment --before-install
	$(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --upgrade pip
	@echo "Installing the packages into .venv: about 0.5 GB to download, once"
	$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

.venv-colab/develop: requirements.txt tests/colab-constraints.txt pyproject.toml
	$(PYTHON) -m venv .venv-colab && $(COLAB)/python -m pip install --quiet --upgrade pip
	$(COLAB)/python -m pip install --quiet -r requirements.txt --group dev -c tests/colab-constraints.txt
	@touch $@

.venv/develop: .venv/lessons pyproject.toml
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

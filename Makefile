# make demo   the main job, from nothing
# make test   every check, and every test but what takes long, from nothing; PYTHON=python3.13 with that interpreter
# make test-all  the same with what takes long: every part of the bench, memory in every format
# make test-system  what touches SQLite, processes and packaging; VENV=.venv-newest PYTHON=python3.13 beside the usual
# make check  style, types, and who imports whom
# make platforms  whether anything is used that Windows or macOS lacks
# make bench  what everything costs, beside limits, peers and goals; mail needs Debian's package postfix
# make bench-docs  the last run's figures into docs/performance.md and .json, and its picture
# make pictures  the desk's pictures in docs/images, taken while the pages of docs/sv are played; the web pages', in Chromium
# make soak   two hours of workers and desks, and whether anything grows; MINUTES=10 for less
# make chaos  mail through 200 kills and a mail server with bad days, counted at the end
# make mutants  small faults in the lines that differ from origin/main: which do the tests not notice? BASE=HEAD~3 for others
# make words  the texts of the code into the catalogue of each language
# make release  what a version is installed from, into dist/, once it has been installed, from the index, and played elsewhere
# make floors  the lowest versions that pyproject.toml promises, and the tests that touch each library
# make audit  whether a library of the lock has a known vulnerability; asks the index, for a schedule of its own
# make lock  every dependency with its hashes, by uv
# make setup  the environment alone, which every other target sees to
# make clean  without environments and what the tools keep
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
NEEDED := $(shell sed -n 's/^requires-python = ">=\(.*\)"/\1/p' pyproject.toml)
OURS := $(addprefix -p ,domain wording infrastructure notifiers application cli web reservrutin)
OF_THE_SYSTEM := tests/infrastructure/database tests/infrastructure/log tests/infrastructure/registers \
  tests/application/publishing tests/application/worker tests/cli/desk/test_drafts.py tests/cli/desk/test_glass.py \
  tests/cli/commands/test_worker.py tests/docs/test_install.py tests/looking/test_keyboard.py tests/release tests/test_*.py
version_of = $(shell $(1) -c 'import sys; print(*sys.version_info[:2])' 2>/dev/null)

.PHONY: setup demo test test-all test-system check platforms chaos soak mutants bench bench-docs pictures words release floors audit lock clean
.DELETE_ON_ERROR:
# The suite starts hundreds of processes: what they run is compiled once, whatever is usual where it is run.
unexport PYTHONDONTWRITEBYTECODE
# What make was told here (VENV, PYTHON) is not for a make that a test starts elsewhere.
unexport MAKEFLAGS

setup: $(READY)

# An environment of another interpreter's is made anew.
ifneq ($(call version_of,$(BIN)/python),$(call version_of,$(PYTHON)))
.PHONY: $(READY)
ANEW := rm -rf $(VENV)
endif

$(READY): requirements-dev.lock pyproject.toml hatch_build.py $(wildcard domain/routines/*.toml) $(wildcard wording/locale/*/LC_MESSAGES/*.po)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < tuple(map(int, "$(NEEDED)".split("."))))' 2>/dev/null || \
	  { echo "reservrutin needs Python $(NEEDED) or newer, and $(PYTHON) is none: name another, as in PYTHON=python$(NEEDED)." >&2; exit 1; }
	@$(ANEW)
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv --quiet --allow-existing --python "$$(command -v $(PYTHON))" $(VENV) && \
	  uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
	  $(PYTHON) -m venv $(VENV) && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $(READY)

demo: setup
	@$(BIN)/reservrutin demo

test: check
	$(BIN)/pytest -n auto --dist worksteal -m "not long"

# The properties look for two hundred new examples here; in `make test` they try the same hundred each time.
test-all: check
	$(BIN)/pytest -n auto --dist worksteal --hypothesis-profile=anew

test-system: setup
	$(BIN)/pytest -n auto --dist worksteal -m "not long" $(OF_THE_SYSTEM)

# SEED=n repeats a run's dice.
chaos: setup
	$(BIN)/python -m tests.chaos.rig $(if $(SEED),--seed $(SEED))

# PACE=10: seconds between two acts of a person.
soak: setup
	$(BIN)/python -m bench.soak $(if $(MINUTES),--minutes $(MINUTES)) $(if $(PACE),--pace $(PACE))

# FILES="domain/incident.py domain/review.py" takes every line of these, TESTS=tests/domain other tests than those that
# stand where the file stands, SAMPLE=100 so many of the mutants.
mutants: setup
	$(BIN)/python -m tests.mutants $(if $(BASE),--base $(BASE)) $(if $(FILES),--files $(FILES)) $(if $(TESTS),--tests $(TESTS)) $(if $(SAMPLE),--sample $(SAMPLE))

# PARTS="appends mail" measures these alone; FULL=1 also a million facts and 100,000 recipients.
bench: setup
	$(BIN)/python -m bench $(if $(PARTS),--parts $(PARTS)) $(if $(RUNS),--runs $(RUNS)) $(if $(FULL),--full)

bench-docs: setup
	$(BIN)/python -m bench.publish

# What looks at the project from outside has an environment of its own.
$(VENV)/tools/.ready: requirements-release.lock | $(READY)
	@rm -rf $(VENV)/tools
	@$(BIN)/python -m venv $(VENV)/tools
	@$(VENV)/tools/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-release.lock
	@touch $@

# INTO=FOLDER puts it elsewhere.
release: $(VENV)/tools/.ready
	@$(BIN)/python -m release $(if $(INTO),--into $(INTO))

floors: $(VENV)/tools/.ready
	@$(BIN)/python -m release.floors

# Ends with 1 for a vulnerability, with 75 where the index could not be asked about every library.
audit: $(VENV)/tools/.ready
	@$(BIN)/python -m release.audit

pictures: setup
	$(BIN)/python -m tests.docs.pictures
	$(BIN)/python -m tests.looking.pictures

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Whether anything is used that Windows or macOS lacks, by what is known of their standard libraries.
platforms: platform-win32 platform-darwin

platform-%: setup
	$(BIN)/mypy --platform $* --cache-dir .mypy_cache/$* $(OURS)

# Gather the texts of the code into the catalogue; then translate what is new in sv.po.
words: setup
	$(BIN)/pybabel -q extract --no-wrap --omit-header --no-location --sort-output -F babel.toml -k N_ -k plural:1,2 -o $(VENV)/reservrutin.pot domain wording infrastructure notifiers application cli web release
	$(BIN)/pybabel -q update --no-wrap --ignore-pot-creation-date --no-fuzzy-matching --ignore-obsolete -D reservrutin -i $(VENV)/reservrutin.pot -d wording/locale
	$(BIN)/python -c "from pathlib import Path; from hatch_build import compile_catalogues; compile_catalogues(Path())"

# Pin every dependency with its hashes; the files name no download address.
lock:
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 pyproject.toml --extra postgresql --extra web -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 pyproject.toml --group dev -o requirements-dev.lock
	uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --group release -o requirements-release.lock

clean:
	rm -rf .venv .venv-newest .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

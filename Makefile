# make run, make test: all that a fresh clone needs is Python 3.11 or later with pip.
PYTHON ?= python3
CONFIG ?= config/config.yaml
VENV := .venv
BIN := $(VENV)/bin
# the run's name out of the configuration; the shell expands it, as make would split at blanks
RUN := sed -n 's/^run: *["'\'']*\([A-Za-z0-9_.-]*\).*/\1/p'
export CONFIG
export PATH := $(CURDIR)/$(BIN):$(PATH)
export MPLBACKEND := Agg

.PHONY: run whatif fetch fetch-clusters fetch-labels fetch-tracks fetch-grid docs crate test faults lint bench clean

run: $(VENV)/done
	snakemake --cores all --configfile "$$CONFIG"
	snakemake --configfile "$$CONFIG" --report "results/$$($(RUN) "$$CONFIG")/report.html"

# make whatif SET="disk.half_height=0.3 kpc": what would run, which stars would change; in seconds
whatif: $(VENV)/done
	@PYTHONPATH=workflow OMP_NUM_THREADS=1 python -m scripts.what_if "$$CONFIG" "$(SET)"

# make fetch IDS=ids.txt: a star list of Gaia DR3 with distances; ids or positions, one in a line
OUT ?= my_stars.csv
fetch: $(VENV)/done
	@PYTHONPATH=workflow python -m scripts.fetch stars "$(IDS)" "$(OUT)"

# the clusters of Hunt & Reffert 2023, in hunt2023.csv
fetch-clusters: $(VENV)/done
	@PYTHONPATH=workflow python -m scripts.fetch clusters hunt2023.csv

# the labels of Xiang et al. 2022, in xiang2022.csv
fetch-labels: $(VENV)/done
	@PYTHONPATH=workflow python -m scripts.fetch labels xiang2022.csv

# PARSEC isochrones of the CMD web form, in isochrones/
fetch-tracks: $(VENV)/done
	@PYTHONPATH=workflow python -m scripts.fetch tracks isochrones

# spectra of TLUSTY, in tlusty/: bstar2006, or GRID=ostar2002; some GB
GRID ?= bstar2006
fetch-grid: $(VENV)/done
	@PYTHONPATH=workflow python -m scripts.fetch grid tlusty "$(GRID)"

# one thread in each process, as in the jobs: two that share a core wait for each other; tests run
# copies of the project, and of what is compiled
test: $(VENV)/done
	$(COMPILE)
	OMP_NUM_THREADS=1 pytest -m "not slurm and not debian" -n auto --maxprocesses 4 --dist loadgroup

# the documentation as a site in dist/docs; in an environment of its own. Any warning ends it, which
# --quiet would hide from it too
docs: $(VENV)-docs/done
	$(VENV)-docs/bin/mkdocs build

$(VENV)-docs/done: envs/docs.lock
	$(PYTHON) -m venv $(VENV)-docs
	$(VENV)-docs/bin/pip install --quiet --require-hashes -r envs/docs.lock
	touch $@

# is a finished run a valid Process Run Crate? In an environment of its own; asks w3id.org
crate: $(VENV)-crate/done
	$(VENV)-crate/bin/rocrate-validator -y validate -p process-run-crate-0.5 "results/$$($(RUN) "$$CONFIG")"

$(VENV)-crate/done: envs/crate.lock
	$(PYTHON) -m venv $(VENV)-crate
	$(VENV)-crate/bin/pip install --quiet --require-hashes -r envs/crate.lock
	touch $@

# damages files of every kind that people bring, kills a run in every stage and fills its disk,
# and damages what it made; half an hour
faults: $(VENV)/done
	PYTHONPATH=workflow python tests/faults/mutations.py 5000
	rm -rf results/undisturbed
	PYTHONPATH=workflow:tests python tests/faults/killed_runs.py results/undisturbed
	PYTHONPATH=workflow:tests python tests/faults/damaged_products.py results/undisturbed/results 700

lint: $(VENV)/done
	ruff check . && ruff format --check . && snakefmt --check . && snakemake --lint
	PYTHONPATH=workflow lint-imports --no-cache

# ours beside peers on the same work, into results/benchmarks.ecsv; an hour on two cores
bench: $(VENV)/peers
	OMP_NUM_THREADS=1 pytest -s tests/benchmarks --benchmark-only --benchmark-columns=min,median,rounds

# what is only there to be compared with
$(VENV)/peers: $(VENV)/done envs/peers.lock
	$(BIN)/pip install --quiet --require-hashes --no-deps -r envs/peers.lock
	touch $@

# compiled once here, or every job compiles what it imports where that is switched off
define COMPILE
$(BIN)/python -m compileall -q workflow
PYTHONPATH=workflow $(BIN)/python -c "import runaways.labels.model"
PYTHONPATH=workflow $(BIN)/python -c "import runaways.synthesis.kernels"
PYTHONPATH=workflow $(BIN)/python -c "from runaways.orbits import lanes; lanes.compiled()"
PYTHONPATH=workflow $(BIN)/python -c "from runaways.encounters import kernels; kernels.compiled()"
PYTHONPATH=workflow $(BIN)/python -c "import runaways.ejections.compiled"
endef

$(VENV)/done: requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q -j 0 $(VENV)/lib || true
	$(COMPILE)
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-docs $(VENV)-crate results .snakemake dist

# Short names for the commands; everything but the installing also works with CMake alone (CMakePresets.json).
# SPDX-License-Identifier: Apache-2.0
JOBS   ?= $(shell nproc)
PREFIX ?= /usr/local
MINUTES ?= 5

DEMO = build/release/capcam run configs/camformer.toml --trace traces/minilm_origin.safetensors

.PHONY: help setup build demo test test-slow test-units-checked test-checked test-tsan test-clang test-python lint lint-python format bench fuzz install clean

help:  ## Print this list
	@sed -nE 's/^([a-z -]+):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r names text; do \
	  for name in $$names; do printf '  make %-12s %s\n' "$$name" "$$text"; done; done

setup:  ## Install the missing packages with apt (sudo only when not root); says which
	@scripts/install_packages.sh build

configure: setup
	cmake --preset release
.PHONY: configure

build: configure  ## Build everything, Release, in build/release
	cmake --build --preset release --parallel $(JOBS)

demo: configure  ## Set up, build, replay the shipped trace on the published machine, print the report
	cmake --build --preset release --parallel $(JOBS) --target capcam
	@echo '$$ $(DEMO)'
	@$(DEMO)

test: build  ## Set up, build, run every test but the slow ones
	ctest --preset release --parallel $(JOBS)

test-slow: build  ## Run the slow tests: long campaigns, and a one-node Slurm where it can be installed
	-@scripts/install_packages.sh cluster
	ctest --preset slow --parallel $(JOBS)

CHECKED_TESTS = capcam_unit_tests capcam_stage_tests capcam_own_kinds_tests capcam_fuzzers

test-units-checked: setup  ## Run the unit and stage tests and the inputs of the fuzz targets with clang and two sanitizers
	@scripts/install_packages.sh clang
	cmake --preset checked
	cmake --build --preset checked --parallel $(JOBS) --target $(CHECKED_TESTS)
	ctest --preset checked --parallel $(JOBS) --label-regex 'unit|stage'

test-checked test-tsan test-clang: test-%: setup  ## Run all but the slow tests (checked: clang and two sanitizers; tsan: the thread sanitizer)
	@scripts/install_packages.sh clang
	cmake --preset $*
	cmake --build --preset $* --parallel $(JOBS)
	ctest --preset $* --parallel $(JOBS)

VENV = build/venv

# A virtual environment with the Python package, its extras and what tests them; pip does nothing where nothing changed.
venv:
	@scripts/install_packages.sh build python
	test -x $(VENV)/bin/pip || python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --constraint python/constraints.txt '.[test]'
.PHONY: venv

test-python: venv  ## Set up a virtual environment with the Python package in build/venv, test it
	@scripts/install_packages.sh browser
	$(VENV)/bin/python -m pytest

lint-python: venv  ## Check the Python package: formatting, likely mistakes (ruff), types (mypy)
	$(VENV)/bin/ruff format --check python/capcam python/examples tests/python
	$(VENV)/bin/ruff check python/capcam python/examples tests/python
	$(VENV)/bin/mypy python/capcam

lint:  ## Check formatting, which folder includes which, names and likely mistakes (installs clang, clang-format, clang-tidy)
	@scripts/install_packages.sh build clang lint
	@scripts/lint.sh

format:  ## Rewrite the sources as clang-format wants them
	@scripts/install_packages.sh lint
	@scripts/lint.sh --fix-format
	@test ! -x $(VENV)/bin/ruff || $(VENV)/bin/ruff format python/capcam python/examples tests/python

bench:  ## Build and run the benchmarks (installs Google Benchmark): tables, and JSON in build/bench
	@scripts/install_packages.sh build bench
	cmake --preset bench
	cmake --build --preset bench --parallel $(JOBS)
	build/bench/capcam_bench --benchmark_repetitions=5 --benchmark_min_time=0.1 --benchmark_enable_random_interleaving=true \
	  --benchmark_report_aggregates_only=true --benchmark_out=build/bench/capcam.json --benchmark_out_format=json
	python3 bench/numpy_bench.py > build/bench/numpy.json
	python3 bench/sweep_bench.py build/bench/capcam > build/bench/sweep.json

fuzz:  ## Build the fuzz targets with clang and run all of them, MINUTES=5 in all; a log in build/fuzzing
	@scripts/install_packages.sh build clang
	cmake --preset checked
	cmake --build --preset checked --parallel $(JOBS) --target capcam_fuzzers
	fuzz/run.py --minutes $(MINUTES) --jobs $(JOBS)

install:  ## Install what `make build` built under PREFIX (/usr/local); DESTDIR is respected
	@test -x build/release/capcam || { echo 'nothing is built yet: make build' >&2; exit 1; }
	cmake --install build/release --prefix $(PREFIX)

clean:  ## Remove every build folder
	rm -rf build

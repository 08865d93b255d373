#!/usr/bin/env bash
# Installs with apt what is missing of the packages below, and only that: `install_packages.sh GROUP...`.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail

# The one list of what capcam needs from the system: group, package, what it is for.
list=$(cat <<'END'
build    g++                   C++20 compiler
build    cmake                 build system, 3.25 or later
build    ninja-build           runs the build
build    pkg-config            finds SystemC
build    libsystemc-dev        the simulation kernel of the reference engine
build    libfmt-dev            text formatting
build    libcli11-dev          command line
build    libtomlplusplus-dev   configurations and cards
build    nlohmann-json3-dev    reports, trace headers
build    libssl-dev            SHA-256 of traces and configurations
build    libsqlite3-dev        results of sweeps
build    libhwy-dev            SIMD with run-time dispatch
build    catch2                tests
build    python3-numpy         tests: the functional reference
build    ngspice               tests: a circuit simulator against the matchline model
cluster  munge                 tests: a one-node Slurm of the test's own
cluster  slurmctld             tests: its controller
cluster  slurmd                tests: its node
cluster  slurm-client          tests: sbatch, squeue
python   python3-dev           what the engine of the Python package is compiled with
python   python3-venv          make test-python: an environment of its own
browser  chromium              make test-python: opens reports; where there is none, those tests are skipped
browser  chromium-driver       make test-python: drives it
examples wordnet-base          had_wordnet.py: glosses of nouns and their classes
examples espeak-ng             had_speech.py: speaks the commands
examples flite                 had_speech.py: speaks some of them with other voices
examples pocketsphinx-testdata had_speech.py, voice_command.py: real recordings
bench    libbenchmark-dev      benchmarks
clang    clang                 the second compiler
clang    libclang-rt-dev       its sanitizers, and libFuzzer
clang    llvm                  what symbolises their reports, and coverage
lint     clang-format-14       formatting; another version formats differently
lint     clang-tidy            static checks
END
)
readonly list

wanted=()
for group in "${@:-build}"; do
  packages=$(awk -v group="$group" '$1 == group { print $2 }' <<<"$list")
  if [[ -z $packages ]]; then
    echo "install_packages.sh: no group '$group'; there are: build, cluster, python, browser, examples, bench, clang, lint" >&2
    exit 2
  fi
  mapfile -t -O "${#wanted[@]}" wanted <<<"$packages"
done

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "packages: not a Debian or Ubuntu system, nothing is installed. What these hold is needed, by your system's names:"
  printf '  %s\n' "${wanted[@]}"
  exit 0
fi

missing=()
for package in "${wanted[@]}"; do
  # The ${...} is dpkg-query's own.
  # shellcheck disable=SC2016
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ $status == installed ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  echo "packages: nothing to install"
  exit 0
fi

echo "packages: installing: ${missing[*]}"
as_root=()
if ((EUID != 0)); then
  if ! command -v sudo >/dev/null; then
    echo "packages: this needs root, and there is no sudo. As root, run:" >&2
    echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get)
# One broken third-party repository must not stop the installation from the others.
"${apt[@]}" update -qq || echo "packages: apt-get update had problems; going on with the lists there are" >&2

# Ubuntu has Chromium as a snap alone, which no container can run: tests do without.
if ! apt-cache show chromium >/dev/null 2>&1; then
  for i in "${!missing[@]}"; do
    [[ ${missing[i]} != chromium* ]] || unset "missing[i]"
  done
  if ((${#missing[@]} == 0)); then
    echo "packages: this system has no package of Chromium; tests that open a browser are skipped"
    exit 0
  fi
fi
"${apt[@]}" install -y -qq --no-install-recommends "${missing[@]}"

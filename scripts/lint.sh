#!/usr/bin/env bash
# Formatting (clang-format), then names and likely mistakes (clang-tidy): `lint.sh`, `lint.sh --no-tidy`, or
# `lint.sh --fix-format`.
# clang-tidy runs beside the compiler in build/tidy, so a second run checks only what changed.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "$0")/.."

clang_format=$(command -v clang-format-14 || command -v clang-format)
[[ $clang_format == *-14 ]] || echo "lint: clang-format-14 not found, using $clang_format, which may disagree" >&2
# Tracked files and new ones, less those deleted but not yet committed; without a git checkout, all there are.
mapfile -t sources < <({ git ls-files --cached --others --exclude-standard -- '*.h' '*.cpp' 2>/dev/null ||
  find src tests fuzz bench \( -name '*.h' -o -name '*.cpp' \); } | sort -u |
  while IFS= read -r file; do [[ ! -e $file ]] || echo "$file"; done)

if [[ ${1:-} == --fix-format ]]; then
  "$clang_format" -i "${sources[@]}"
  exit 0
fi

failed=()

echo "lint: formatting of ${#sources[@]} files"
unformatted=$("$clang_format" --dry-run -Werror --ferror-limit=1 "${sources[@]}" 2>&1 |
  sed -nE 's/^([^:]+):[0-9]+.* error: .*/  \1/p' || true)
if [[ -n $unformatted ]]; then
  echo "not formatted (make format):"
  echo "$unformatted"
  failed+=(formatting)
fi

echo "lint: layers"
scripts/check_layers.py || failed+=(layers)

if [[ ${1:-} == --no-tidy ]]; then
  ((${#failed[@]} == 0)) || { echo "lint: failed: ${failed[*]}" >&2; exit 1; }
  echo "lint: clean, clang-tidy not run"
  exit 0
fi

echo "lint: clang-tidy"
cmake --preset tidy >/dev/null
stamp=build/tidy/.lint-stamp
clean=()
[[ -e $stamp && $stamp -nt .clang-tidy ]] || clean=(--clean-first)  # ninja does not know about .clang-tidy
touch "$stamp"
cmake --build --preset tidy --parallel "${LINT_JOBS:-2}" "${clean[@]}" -- -k 0 || failed+=(clang-tidy)

if ((${#failed[@]} > 0)); then
  echo "lint: failed: ${failed[*]}" >&2
  exit 1
fi
echo "lint: clean"

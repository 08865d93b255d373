#!/usr/bin/env bash
# Checks formatting (clang-format), which folder includes which, and names and likely mistakes (clang-tidy): `lint.sh`.
# `lint.sh --fix-format` rewrites the files instead.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "$0")/.."

clang_format=$(command -v clang-format-14 || command -v clang-format)
[[ $clang_format == *-14 ]] || echo "lint: clang-format-14 not found, using $clang_format, which may disagree" >&2
# Tracked files and new ones, less those deleted but not yet committed; without a git checkout, all there are.
mapfile -t sources < <({ git ls-files --cached --others --exclude-standard -- '*.h' '*.cpp' 2>/dev/null ||
  find include src tests fuzz bench examples \( -name '*.h' -o -name '*.cpp' \); } | sort -u |
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

echo "lint: clang-tidy"
cmake --preset tidy >/dev/null
cmake --build --preset tidy --parallel "${LINT_JOBS:-2}" -- -k 0 || failed+=(clang-tidy)

if ((${#failed[@]} > 0)); then
  echo "lint: failed: ${failed[*]}" >&2
  exit 1
fi
echo "lint: clean"

#!/usr/bin/env bash
# Public headers include public headers and the standard library, those of the systemc engine SystemC and TLM too; all
# public headers exist that are included. `public_includes_test.sh INCLUDE_FOLDER`
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$1"
status=0
checked=0
while IFS=: read -r file line header; do
  checked=$((checked + 1))
  case $header in
    '"capcam/'*) test -f "$(tr -d '"' <<<"$header")" && continue ;;
    '<systemc>' | '<tlm>' | '<tlm_utils/'*) [[ $file == capcam/systemc/* ]] && continue ;;
    '<'*[./]*) ;;  # a header with a suffix or a folder is not of the C++ standard library
    '<'*) continue ;;
  esac
  echo "$file:$line: includes $header" >&2
  status=1
done < <(grep -rnoE '^[[:space:]]*#[[:space:]]*include[[:space:]]+["<][^">]+[">]' capcam |
  sed -E 's/:[[:space:]]*#[[:space:]]*include[[:space:]]+/:/')
echo "public includes: $checked"
[[ $checked -gt 50 && $status -eq 0 ]]

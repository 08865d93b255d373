#!/usr/bin/env bash
# Checks who may include whom: the arrows between the folders of src/, and SystemC only where it belongs.
# SystemC's headers lie on the compiler's default path, so leaving the library off a target does not stop an include.
# `check_layers.sh [ROOT]`: ROOT is the tree to check, default this one.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "${1:-$(dirname "$0")/..}"

# Folder of src/, and what it may include from src/. A folder that is not listed may include anything but SystemC.
readonly arrows='
core      core/
config    core/ config/
trace     core/ trace/
kernels   core/ config/ kernels/
workload  core/ config/ trace/ kernels/ workload/
mapping   core/ config/ trace/ kernels/ workload/ mapping/
spice     core/ config/ kernels/ spice/
stats     core/ config/ trace/ kernels/ workload/ mapping/ stats/
baseline  core/ config/ trace/ kernels/ workload/ mapping/ stats/ cost/ fast/ report/ baseline/
recall    core/ config/ trace/ kernels/ workload/ mapping/ stats/ recall/
sweep     core/ config/ trace/ kernels/ workload/ mapping/ fast/engine.h stats/ cost/ report/ sweep/
python    core/ config/ trace/ workload/ mapping/ stats/ cost/ report/ fast/ python/
'
readonly may_see_systemc='^(src/(systemc|cli)/|src/flow\.|src/main\.cpp|tests/(stage|system|support)/|bench/)'

folders=()
for folder in src tests bench; do
  [[ ! -d $folder ]] || folders+=("$folder")
done
# Every include as file:line:header, quotes and brackets kept off; /dev/null, so that grep always has something to read.
includes=$(grep -rnE --include='*.h' --include='*.cpp' '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' \
  "${folders[@]}" /dev/null |
  sed -E 's/^([^:]+:[0-9]+):[^"<]*["<]([^">]+)[">].*/\1:\2/' || true)
if [[ -z $includes ]]; then
  echo "layers: no include found under $PWD: wrong folder?" >&2
  exit 1
fi

problems=$(awk -F: -v arrows="$arrows" -v may_see_systemc="$may_see_systemc" '
  BEGIN {
    lines = split(arrows, line, "\n")
    for (i = 1; i <= lines; i++) {
      words = split(line[i], word, " ")
      if (words == 0) continue
      for (j = 2; j <= words; j++) allowed[word[1]] = allowed[word[1]] " " word[j]
    }
  }
  function is_project_header(header) {
    return header ~ /^(core|config|trace|workload|mapping|kernels|stats|cost|report|sweep|systemc|fast|spice|recall|baseline|reproduce|cli|python)\// ||
           header ~ /^flow\.h$/
  }
  {
    file = $1; header = $3
    if (header ~ /^(systemc|systemc\.h|tlm|tlm\.h)$|^(systemc|sysc|tlm|tlm_utils)\// && file !~ may_see_systemc)
      print file ":" $2 ": includes " header ", but SystemC stays in src/systemc, flow, cli, main and their tests"
    parts = split(file, part, "/")
    if (part[1] != "src" || parts < 3 || !is_project_header(header)) next
    who = part[2]
    if (!(who in allowed)) next
    count = split(allowed[who], prefix, " ")
    fine = 0
    for (i = 1; i <= count; i++) if (index(header, prefix[i]) == 1) fine = 1
    if (!fine) print file ":" $2 ": includes " header ", but " who " may include only" allowed[who]
  }' <<<"$includes")

if [[ -n $problems ]]; then
  echo "$problems" >&2
  echo "layers: $(wc -l <<<"$problems") include(s) against the arrows of scripts/check_layers.sh" >&2
  exit 1
fi
echo "layers: $(wc -l <<<"$includes") includes, all along the arrows"

#!/usr/bin/env bash
# What bits, capacitor, mismatch and corner do to attention on the shipped trace: the table of docs/circuit.md, in Markdown.
#   scripts/accuracy_table.sh [path of capcam]
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail
cd "$(dirname "$0")/.."
capcam=${1:-build/release/capcam}
csv=$(mktemp)
trap 'rm -f "$csv"' EXIT

row() {  # what is varied, then its --set arguments
  local name=$1
  shift
  "$capcam" montecarlo pvt --trace traces/minilm_origin.safetensors --trace-instances 1 --instances 20 --searches 50 \
    --corners "${corner:-tt}" --temperatures="${temperature:-25}" --csv "$csv" "$@" > /dev/null
  awk -F, -v name="$name" 'NR == 2 { printf "| %s | %.2f | %.1f | %.2f | %.4f | %.3f |\n", name, $7, 100 * $10, 100 * $11, $12, $13 }' "$csv"
}

echo '| configs/pvt.toml, and | mean error, LSB | wrong codes, % | recall, % | cosine | relative L2 |'
echo '|---|---|---|---|---|---|'
row 'nothing else'
for bits in 4 5 6 7 8; do row "$bits bits" --set sensing.bits=$bits; done
for ff in 0.5 2 8 22; do row "$ff fF per cell" --set sensing.cell_capacitance_ff=$ff; done
for coefficient in 0 0.0085 0.05 0.2; do
  row "mismatch $coefficient sqrt(fF), 2 fF" --set sensing.matching_coefficient=$coefficient --set sensing.cell_capacitance_ff=2
done
for c in tt ss ff sf fs; do corner=$c row "corner $c"; done
for t in -40 125; do temperature=$t row "$t degC"; done
corner=ff temperature=125 row 'corner ff, 125 degC'
row 'kind time_domain, delays +- 2 %' --set sensing.kind=time_domain --set sensing.delay_variation=0.02
corner=ss temperature=125 row 'kind time_domain, delays +- 2 %, corner ss, 125 degC' --set sensing.kind=time_domain --set sensing.delay_variation=0.02
row 'no error at all, 6 bits' --set sensing.matching_coefficient=0 --set sensing.thermal_noise=false --set sensing.reference_error=0 \
  --set sensing.leakage_pa=0 --set sensing.injected_charge_fc=0 --set sensing.offset_mismatch_lsb=0 --set sensing.comparator_noise_lsb=0 \
  --set sensing.dnl_lsb=0

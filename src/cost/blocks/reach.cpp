// SPDX-License-Identifier: Apache-2.0
#include "cost/blocks/reach.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "capcam/converter.h"
#include "capcam/error.h"
#include "cost/blocks/converter_blocks.h"
#include "kernels/phases.h"

namespace capcam {
namespace {

constexpr double least_cycle_delays = 8.0;
constexpr double multiplier_delays = 25.0, float_adder_delays = 35.0, divider_bit_delays = 8.0, register_delays = 3.0;

double adder_delays(double bits) { return 4.0 + 2.0 * std::log2(std::max(bits, 2.0)); }
double memory_delays(double kib) { return 12.0 + std::log2(std::max(kib * 8192.0, 2.0)); }

// Returns the stages of the network that sorter_comparators counts.
double sorter_stages(double inputs, double kept) {
  const double n = std::ceil(std::log2(std::max(inputs, 2.0))),
               l = std::min(n, std::ceil(std::log2(std::max(kept, 1.0))));
  return l * (l + 1.0) / 2.0 + (n - l) * (l + 1.0);
}

// Returns the time constant of the sampling capacitor behind a row that is one capacitor; capcam check follows the
// network itself.
double sampling_time_constant_ns(const RowNetwork& row) {
  const double kohm = row.sampling_kohm + row.switch_kohm / row.cells + row.wire_kohm * row.cells / 3.0;
  const double row_ff = row.cells * (row.cell_ff + row.node_ff);
  return ns_per_kohm_ff * kohm * row.sampling_ff * row_ff / (row.sampling_ff + row_ff);
}

// Returns what the phases of a search lack to settle to half an LSB (kernels/phases.h), or nothing.
std::string short_phases(const Config& c) {
  if (make_converter(c.sensing)->input() != ConverterInput::charge) return "";
  const PhaseTimes has = phase_times(c);
  const TimeConstants tau = time_constants(c);
  const RowNetwork row = row_network(c, c.array.columns);
  const double half_lsb = (c.sensing.bits + 1.0) * std::numbers::ln2;
  std::vector<std::string> texts;
  const auto phase = [&](const char* name, double needs_ns, double has_ns) {
    if (needs_ns > has_ns) texts.push_back(fmt::format("{} needs {:.3g} ns and has {:.3g}", name, needs_ns, has_ns));
  };
  phase("precharge", half_lsb * tau.precharge_ns, has.precharge_ns);
  phase("evaluation", search_line_delay_ns(c, c.array.rows - 1) + half_lsb * tau.evaluation_ns, has.evaluation_ns);
  phase("sharing", half_lsb * sharing_time_constant_ns(row), has.sharing_ns);
  phase("sampling", half_lsb * sampling_time_constant_ns(row), has.sampling_ns);
  return texts.empty() ? ""
                       : fmt::format("phases of a search are too short for half an LSB: {}", fmt::join(texts, ", "));
}

struct Timed {
  const char* what;
  const char* key;
  double delays, cycles;
};

}  // namespace

std::vector<std::string> unreached(const Config& c, const Blocks& blocks) {
  const Technology& at = blocks.technology();
  const double delay_ps = gate_delay_ps(at), cycle_ps = 1e3 / c.clock.frequency_ghz;
  if (cycle_ps < least_cycle_delays * delay_ps) {
    throw InputError(fmt::format(
        "clock.frequency_ghz: a cycle of {:.4g} ps is shorter than {} gate delays of {:.3g} ps at {} nm and {} V; "
        "expected at most {:.3g} GHz, got {}",
        cycle_ps, least_cycle_delays, delay_ps, at.node_nm, at.supply_v, 1e3 / (least_cycle_delays * delay_ps),
        c.clock.frequency_ghz));
  }
  std::vector<std::string> notes;
  const double score_bits = c.sensing.bits + 1.0, compare = adder_delays(score_bits) + 2.0;
  const double significand = c.softmax.format == NumberFormat::bf16 ? 8.0 : 24.0;
  std::vector<Timed> units = {
      {"an access of the key SRAM", "one cycle", memory_delays(c.memory.key_sram_kib), 1.0},
      {"an access of the value SRAM", "one cycle", memory_delays(c.memory.value_sram_kib), 1.0},
      {"a score", "score.scale_cycles", adder_delays(score_bits), double{1} * c.score.scale_cycles},
      {"a merge", "top_n.merge_cycles", sorter_stages(c.top_n.register_entries, c.top_n.n) * compare,
       double{1} * c.top_n.merge_cycles},
      {"a division", "softmax.divide_cycles", significand * divider_bit_delays, double{1} * c.softmax.divide_cycles},
      {"an addition of the softmax", "softmax.lookup_cycles", float_adder_delays, double{1} * c.softmax.lookup_cycles},
      {"a multiply-accumulate", "value.mac_cycles", multiplier_delays + float_adder_delays,
       double{1} * c.value.mac_cycles}};
  if (c.top_n.tile_k > 0)
    units.push_back({"the selection of a tile", "top_n.tile_cycles",
                     sorter_stages(c.array.rows, c.top_n.tile_k) * compare, double{1} * c.top_n.tile_cycles});
  for (const Timed& unit : units) {
    const double cycles = std::max(unit.cycles, 1.0), needs = unit.delays + register_delays * cycles;
    const double has = cycles * cycle_ps / delay_ps;
    if (needs <= has) continue;
    notes.push_back(fmt::format("the clock leaves {} {:.3g} gate delays ({}), it takes about {:.3g} at {} nm and {} V",
                                unit.what, has, unit.key, needs, at.node_nm, at.supply_v));
  }
  const std::vector<ConverterPart> parts = make_converter(c.sensing)->parts();
  const double least_ns = least_conversion_ns(blocks, decisions_of(parts));
  const double has_ns = converter_design(c).conversion_ns;
  if (!parts.empty() && least_ns > has_ns)
    notes.push_back(
        fmt::format("the clock leaves a conversion {:.3g} ns, it takes at least {:.3g} ns at {} nm and {} V", has_ns,
                    least_ns, at.node_nm, at.supply_v));
  if (const std::string phases = short_phases(c); !phases.empty()) notes.push_back(phases);
  return notes;
}

}  // namespace capcam

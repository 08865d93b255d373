// SPDX-License-Identifier: Apache-2.0
#include "config/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "capcam/converter.h"
#include "config/conditions.h"
#include "core/nearest.h"
#include "core/resources.h"

namespace capcam {
namespace {

using Problems = std::vector<RelationProblem>;

void check_array(const Config& c, Problems& problems) {
  const std::uint32_t rows = c.array.rows;
  if (c.array.program_rows_per_cycle > rows) {
    problems.push_back({{"array.program_rows_per_cycle", "array.rows"},
                        fmt::format("array.program_rows_per_cycle ({}) is more than array.rows ({}): no more rows than "
                                    "the array has can be written in a cycle; set it to {} or less",
                                    c.array.program_rows_per_cycle, rows, rows)});
  }
  if (c.sensing.rows_per_converter > rows) {
    problems.push_back({{"sensing.rows_per_converter", "array.rows"},
                        fmt::format("sensing.rows_per_converter ({}) is more than array.rows ({}): one converter for "
                                    "all rows is the least an array can have; set it to {} or less",
                                    c.sensing.rows_per_converter, rows, rows)});
  }
}

void check_row(const Config& c, const Converter& converter, Problems& problems) {
  const CircuitParams& circuit = c.sensing.circuit;
  const std::optional<double>&line_ff = circuit.matchline_capacitance_ff, &sample_ff = circuit.sampling_capacitance_ff;
  if (line_ff && sample_ff && *sample_ff > *line_ff) {
    problems.push_back(
        {{"sensing.sampling_capacitance_ff", "sensing.matchline_capacitance_ff"},
         fmt::format(
             "sensing.sampling_capacitance_ff ({}) is more than sensing.matchline_capacitance_ff ({}), of which "
             "it is a part: raise the latter, or leave it \"auto\"",
             *sample_ff, *line_ff)});
  }
  const bool samples = sample_ff ? *sample_ff > 0.0 : converter.samples() && line_ff.value_or(1.0) > 0.0;
  if (samples && circuit.share_switches == ShareSwitches::open && c.sensing.rows_per_converter > 1 &&
      circuit.cell_circuit != CellCircuit::coupling) {
    problems.push_back(
        {{"sensing.share_switches", "sensing.rows_per_converter", "sensing.sampling_capacitance_ff"},
         fmt::format(
             "sensing.share_switches (\"open\") cuts off the cells of rows that wait for a shared converter "
             "(sensing.rows_per_converter = {}), and what is left on the matchline would be divided again by the "
             "sampling capacitor, to C_w / (C_w + C_s) of its voltage: set share_switches to \"closed\", "
             "rows_per_converter to 1, or sampling_capacitance_ff to 0",
             c.sensing.rows_per_converter)});
  }
  const bool by_width = (circuit.switch_leakage_pa_per_um > 0.0 && !circuit.leakage_pa) ||
                        (circuit.switch_charge_mismatch_fc > 0.0 && !circuit.injected_charge_fc);
  if (by_width && circuit.switch_resistance_kohm == 0.0) {
    problems.push_back({{"sensing.switch_resistance_kohm", "sensing.leakage_pa", "sensing.injected_charge_fc"},
                        "sensing.switch_resistance_kohm (0) is of no width, from which leakage_pa and "
                        "injected_charge_fc follow: give it, or them"});
  }
}

void check_sensing(const Config& c, Problems& problems) {
  const CircuitParams& circuit = c.sensing.circuit;
  constexpr std::uint32_t most_bits = 10;  // each converter has a table of its thresholds
  if (circuit.dnl_lsb > 0.0 && c.sensing.bits > most_bits) {
    problems.push_back({{"sensing.dnl_lsb", "sensing.bits"},
                        fmt::format("sensing.dnl_lsb ({}) draws every threshold of every converter: set sensing.bits "
                                    "({}) to {} or less, or dnl_lsb to 0",
                                    circuit.dnl_lsb, c.sensing.bits, most_bits)});
  }
  const std::unique_ptr<const Converter> converter = make_converter(c.sensing);
  const bool elements_differ =
      circuit.element_mismatch ? *circuit.element_mismatch > 0.0
      : converter->input() == ConverterInput::delay
          ? circuit.threshold_mismatch_mv > 0.0 || circuit.matching_coefficient > 0.0
          : circuit.matching_coefficient > 0.0 &&
                (converter->elements() != ConverterElements::binary ||
                 (converter->samples() && circuit.sampling_capacitance_ff.value_or(1.0) > 0.0));
  if (converter->elements() != ConverterElements::none && elements_differ && c.sensing.bits > most_bits) {
    problems.push_back(
        {{"sensing.element_mismatch", "sensing.bits", "sensing.matching_coefficient", "sensing.threshold_mismatch_mv"},
         fmt::format("sensing.element_mismatch draws every threshold of every converter: set "
                     "sensing.bits ({}) to {} or less, or element_mismatch to 0",
                     c.sensing.bits, most_bits)});
  }
  if (converter->comparator_per_code() && circuit.offset_mismatch_mv > 0.0 && c.sensing.bits > most_bits) {
    problems.push_back({{"sensing.offset_mismatch_mv", "sensing.bits", "sensing.kind"},
                        fmt::format("sensing.offset_mismatch_mv ({}) is drawn for every comparator of kind \"{}\": set "
                                    "sensing.bits ({}) to {} or less, or offset_mismatch_mv to 0",
                                    circuit.offset_mismatch_mv, c.sensing.kind, c.sensing.bits, most_bits)});
  }
  const double parts = circuit.precharge_part + circuit.evaluation_part + circuit.sharing_part;
  if (parts >= 1.0) {
    problems.push_back(
        {{"sensing.sharing_part", "sensing.evaluation_part", "sensing.precharge_part"},
         fmt::format("sensing.precharge_part, evaluation_part and sharing_part are {} of a search together: they must "
                     "be less than 1, which leaves the rest for sampling",
                     parts)});
  }
  if (converter->input() == ConverterInput::match_count) return;
  if (!switches_turn_on(circuit)) {
    problems.push_back(
        {{"sensing.supply_v", "sensing.supply_error", "sensing.threshold_v", "sensing.corner"},
         fmt::format(
             "sensing.supply_v ({}) with supply_error ({}) does not turn on a transistor of threshold_v ({}) at "
             "this corner and temperature, or 1 V does not, at which resistances hold: 50 mV of overdrive are the "
             "least",
             circuit.supply_v, circuit.supply_error, circuit.threshold_v)});
  }
  if (converter->input() == ConverterInput::charge) check_row(c, *converter, problems);
}

// An element of the chain is as much shorter than all cells' delays as there are codes.
void check_delays(const Config& c, Problems& problems) {
  const CircuitParams& circuit = c.sensing.circuit;
  if (make_converter(c.sensing)->input() != ConverterInput::delay) return;
  const double cell_ps = typical_delay_ps(circuit, circuit.delay_capacitance_ff);
  const double element_ps = std::ldexp(cell_ps * c.array.columns, -static_cast<int>(c.sensing.bits));
  if (element_ps >= circuit.least_delay_ps) return;
  const double most_bits = std::floor(std::log2(cell_ps * c.array.columns / circuit.least_delay_ps));
  problems.push_back(
      {{"sensing.bits", "sensing.delay_capacitance_ff", "sensing.least_delay_ps", "array.columns"},
       fmt::format("sensing.bits ({}) asks for elements of {:.3g} ps of a converter that {} cells of {:.3g} ps fill: "
                   "the technology's least is least_delay_ps ({}); set {}delay_capacitance_ff ({}) to {:.3g} or more, "
                   "which takes as much more time",
                   c.sensing.bits, element_ps, c.array.columns, cell_ps, circuit.least_delay_ps,
                   most_bits < 1.0 ? "" : fmt::format("bits to {}, or ", most_bits), circuit.delay_capacitance_ff,
                   circuit.delay_capacitance_ff * circuit.least_delay_ps / element_ps)});
}

void check_top_n(const Config& c, Problems& problems) {
  const TopNParams& top_n = c.top_n;
  const std::uint32_t rows = c.array.rows;
  if (top_n.tile_k > rows) {
    problems.push_back({{"top_n.tile_k", "array.rows"},
                        fmt::format("top_n.tile_k ({}) is more than array.rows ({}): a tile has no more keys than the "
                                    "array has rows; set it to {} or less, or to 0 to keep all",
                                    top_n.tile_k, rows, rows)});
  }
  if (top_n.n > top_n.register_entries) {
    problems.push_back({{"top_n.n", "top_n.register_entries"},
                        fmt::format("top_n.n ({}) is more than top_n.register_entries ({}): the keys kept for a query "
                                    "stay in its candidate register",
                                    top_n.n, top_n.register_entries)});
    return;
  }
  // A merge leaves n candidates. Unless those of another tile fit beside them, selection can never go on.
  const std::uint32_t candidates = top_n.tile_k == 0 ? rows : std::min(top_n.tile_k, rows);
  const std::uint64_t needed = std::uint64_t{top_n.n} + candidates;
  if (top_n.register_entries < needed) {
    const std::string_view source = top_n.tile_k == 0 ? "array.rows, as top_n.tile_k is 0" : "top_n.tile_k";
    problems.push_back(
        {{"top_n.register_entries", "top_n.n", "top_n.tile_k", "array.rows"},
         fmt::format("top_n.register_entries ({}) is less than top_n.n + the candidates of a tile ({} + {} = {}; {}): "
                     "after a merge down to n there is no room for another tile's candidates",
                     top_n.register_entries, top_n.n, candidates, needed, source)});
  }
}

void check_memory(const Config& c, Problems& problems) {
  // The limit is slower than any memory there is, and below it a run's cycles would no longer fit 64 bits.
  constexpr double least_bytes_per_cycle = 1e-6;
  if (c.memory.bandwidth_gb_s < least_bytes_per_cycle * c.clock.frequency_ghz) {  // 1 GB/s at 1 GHz: 1 byte per cycle
    problems.push_back(
        {{"memory.bandwidth_gb_s", "clock.frequency_ghz"},
         fmt::format("memory.bandwidth_gb_s ({}) at clock.frequency_ghz ({}) is less than one byte in a "
                     "million cycles: {} or more is needed",
                     c.memory.bandwidth_gb_s, c.clock.frequency_ghz, least_bytes_per_cycle * c.clock.frequency_ghz)});
  }
}

void check_decode(const Config& c, Problems& problems) {
  if (c.pipeline.decode == Decode::off || c.array.queries_per_program == 1) return;
  problems.push_back(
      {{"pipeline.decode", "array.queries_per_program"},
       fmt::format("array.queries_per_program ({}) shares the programming of a tile among queries, but "
                   "with pipeline.decode (\"{}\") a query waits for the one before; set it to 1",
                   c.array.queries_per_program, c.pipeline.decode == Decode::append ? "append" : "reprogram")});
}

// Returns the cards or libraries in `folder` ("dram") of every folder of models.
template <class Name>
std::vector<std::string> names_in(std::string_view folder, const std::optional<std::filesystem::path>& own_models,
                                  Name name) {
  std::vector<std::filesystem::path> models;
  for (const std::filesystem::path& place : resource_folders()) models.push_back(place / "models");
  if (own_models) models.push_back(*own_models);
  std::vector<std::string> names;
  for (const std::filesystem::path& place : models) {
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(place / folder, failed)) {
      if (const std::string found = name(entry); !found.empty()) names.push_back(found);
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void check_name(const std::string& key, const std::string& name, std::string_view what, std::string_view folder,
                const std::vector<std::string>& known, Problems& problems) {
  if (std::find(known.begin(), known.end(), name) != known.end()) return;
  std::string text = fmt::format("{} (\"{}\") ", key, name);
  if (name.empty() || name.find_first_of("/\\") != std::string::npos || name.find("..") != std::string::npos) {
    text += fmt::format("is no plain name: {} is found by its name in {}, not by its path", what, folder);
  } else {
    text += fmt::format("is no {} in {}", what, folder);
    if (const auto meant = nearest(name, known)) text += fmt::format(", did you mean \"{}\"?", *meant);
  }
  text += known.empty()
              ? fmt::format("; no {} was found at all, CAPCAM_DATA may name the folder that holds models", what)
              : fmt::format("; there are: {}", fmt::join(known, ", "));
  problems.push_back({{key}, text});
}

void check_cards(const Config& c, const std::optional<std::filesystem::path>& own_models, Problems& problems) {
  const auto card = [](const std::filesystem::directory_entry& entry) {
    return entry.path().extension() == ".toml" ? entry.path().stem().string() : std::string();
  };
  const auto library = [](const std::filesystem::directory_entry& entry) {
    std::error_code failed;
    const std::string name = entry.path().filename().string();
    return entry.is_directory(failed) && name != "dram" ? name : std::string();
  };
  check_name("memory.dram_card", c.memory.dram_card, "DRAM card", "models/dram", names_in("dram", own_models, card),
             problems);
  check_name("cost.library", c.cost.library, "card library", "models", names_in("", own_models, library), problems);
}

}  // namespace

std::vector<RelationProblem> relation_problems(const Config& config,
                                               const std::optional<std::filesystem::path>& own_models) {
  Problems problems;
  check_array(config, problems);
  check_sensing(config, problems);
  check_delays(config, problems);
  check_top_n(config, problems);
  check_memory(config, problems);
  check_decode(config, problems);
  check_cards(config, own_models, problems);
  return problems;
}

}  // namespace capcam

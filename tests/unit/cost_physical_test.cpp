// Energy by the events that really happened: the physical library on traces whose matches are known.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <numeric>
#include <regex>
#include <stdexcept>

#include "capcam/error.h"
#include "capcam/read_config.h"
#include "cost/blocks/converter_design.h"
#include "cost/circuit_cards.h"
#include "cost/price.h"
#include "engines/fast/engine.h"
#include "support/catch.h"
#include "support/collecting_sink.h"
#include "support/config_files.h"
#include "support/places.h"
#include "support/random_trace.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

constexpr TraceShape shape{1, 1, 1, 3, 64, 64, 8};  // 3 queries, 64 keys of 64 bits: 4 tiles of 16
constexpr double searches = 3 * 4, rows = 3 * 64;

// Queries of ones; every key matches in its first `matching` of 64 dimensions.
Trace trace_that_matches(std::uint64_t matching) {
  const std::uint64_t queries = shape.queries * shape.head_dim, keys = shape.keys * shape.head_dim;
  std::uint64_t element = 0;
  return make_trace(shape, 1, [=]() mutable {
    const bool of_key = element >= queries && element < queries + keys;
    const std::uint64_t dimension = element++ % shape.head_dim;
    return of_key && dimension >= matching ? -1.0f : 1.0f;
  });
}

Config physical_config(const std::vector<std::string>& sets = {}) {
  return read_config(source_dir() / "configs/physical-65nm.toml", sets);
}

Cost cost_of(const Trace& trace, const Config& config) {
  const Workload workload(trace, config);
  CollectingSink sink;
  const RunStats stats = simulate_fast(workload, config, map_onto(trace.shape, config), sink, 1);
  check_conservation(stats);
  const Cost cost = price(stats, config, read_cards(config), &trace.shape);
  check_cost(cost);
  return cost;
}

const ComponentCost& component(const Cost& cost, const std::string& name) {
  for (const ComponentCost& one : cost.components)
    if (one.name == name) return one;
  throw std::out_of_range(name);
}

double energy_of(const Cost& cost, const std::string& name, const std::string& action) {
  for (const ActionCost& one : component(cost, name).actions)
    if (one.name == action) return one.energy_pj.value;
  throw std::out_of_range(action);
}

}  // namespace

namespace {

const std::vector<std::string> without_parasitics{"sensing.cell_parasitic_ff=0", "sensing.matchline_capacitance_ff=0"};

std::vector<std::string> also(std::vector<std::string> sets, const std::vector<std::string>& more) {
  sets.insert(sets.end(), more.begin(), more.end());
  return sets;
}

double cells_of(const Cost& cost) {
  return energy_of(cost, "cam_array", "match") + energy_of(cost, "cam_array", "mismatch") +
         energy_of(cost, "cam_array", "pair");
}

}  // namespace

TEST_CASE("the published cell pays for what it discharges: keys that match nowhere take (d - m) C V^2, all of it") {
  const Config config = physical_config(without_parasitics);  // 22 fF, 1.0 V
  const Cost all = cost_of(trace_that_matches(64), config);
  const Cost half = cost_of(trace_that_matches(32), config);
  const Cost none = cost_of(trace_that_matches(0), config);
  const double every_cell_pj = rows * 64 * 22e-3 * 1.0 * 1.0;
  CHECK(cells_of(none) == Approx(every_cell_pj).epsilon(1e-12));
  CHECK(cells_of(half) == Approx(every_cell_pj / 2).epsilon(1e-12));
  CHECK(cells_of(all) == 0.0);
  // Nothing else of this machine depends on the matches, but for what is a part of it.
  double shares = 1.0;
  for (const char* overhead : {"clock_tree", "control", "wires", "bias_reference"})
    shares += read_cards(config).units.of(overhead).front()->factor.value;
  CHECK(none.total_pj.value - all.total_pj.value == Approx(shares * every_cell_pj).epsilon(1e-9));
  CHECK(none.total_pj.value - half.total_pj.value == Approx(shares * every_cell_pj / 2).epsilon(1e-9));
}

TEST_CASE("a cell that charges pays m C V^2, one that couples m (d - m) / d C V^2, on both engines' counts") {
  const double every_cell_pj = rows * 64 * 22e-3;
  const Config charge = physical_config(also(without_parasitics, {"sensing.cell_circuit=charge"}));
  CHECK(cells_of(cost_of(trace_that_matches(48), charge)) == Approx(every_cell_pj * 3 / 4));
  const Config coupling = physical_config(also(without_parasitics, {"sensing.cell_circuit=coupling"}));
  for (const std::uint64_t m : {0u, 16u, 32u, 64u}) {
    const double share = static_cast<double>(m) / 64.0;
    CHECK(cells_of(cost_of(trace_that_matches(m), coupling)) ==
          Approx(every_cell_pj * share * (1.0 - share)).margin(1e-9));
  }
}

TEST_CASE("matchline capacitance takes its share of the charge that the published cell has to replace") {
  const auto of = [&](std::uint64_t matching) {
    return cells_of(cost_of(trace_that_matches(matching),
                            physical_config({"sensing.cell_parasitic_ff=0", "sensing.matchline_capacitance_ff=1408"})));
  };
  const double every_cell_pj = rows * 64 * 22e-3;
  CHECK(of(0) == Approx(every_cell_pj));
  CHECK(of(64) == Approx(every_cell_pj / 2));  // half of it has gone to the matchline, which is reset
}

TEST_CASE("the energy of cells goes as capacitance and as the square of the supply") {
  const Trace trace = trace_that_matches(48);
  const double once = cells_of(cost_of(trace, physical_config(without_parasitics)));
  const double capacitance =
      cells_of(cost_of(trace, physical_config(also(without_parasitics, {"sensing.cell_capacitance_ff=11"}))));
  const double supply = cells_of(cost_of(trace, physical_config(also(without_parasitics, {"sensing.supply_v=1.2"}))));
  CHECK(capacitance == Approx(once / 2));
  CHECK(supply == Approx(once * 1.44));
}

TEST_CASE("the matchline of the published design is worked out from the node's cards, and a key overrides it") {
  const Config config = physical_config();
  const Config filled = with_circuit_cards(config, read_cards(config));
  const CircuitParams& c = filled.sensing.circuit;
  // By hand at 65 nm: a cell of sqrt(11) um, drains of 0.12 fF, wire of 0.2 fF/um and 1.5 ohm/um; 64 elements of 0.5
  // fF.
  const double side_um = std::sqrt(11.0);
  CHECK(*c.sampling_capacitance_ff == Approx(32.0));
  CHECK(*c.matchline_capacitance_ff == Approx(64 * (0.12 + 0.2 * side_um) + 0.12 + 32.0));
  CHECK(*c.matchline_ohm_per_column == Approx(1.5 * side_um));
  CHECK(*c.cell_parasitic_ff == Approx(0.36));
  CHECK(*c.search_line_ff_per_row == Approx(0.24 + 0.2 * side_um));
  const Config own = physical_config({"sensing.matchline_capacitance_ff=7"});
  CHECK(*with_circuit_cards(own, read_cards(own)).sensing.circuit.matchline_capacitance_ff == 7.0);
  const Config small = physical_config({"cost.node_nm=32.5"});
  CHECK(*with_circuit_cards(small, read_cards(small)).sensing.circuit.matchline_ohm_per_column ==
        Approx(4 * 1.5 * side_um));
  // A library of modules has no such cards; those of physical serve.
  const Config published = read_config(source_dir() / "configs/camformer.toml", {"cost.node_nm=65"});
  CHECK(*with_circuit_cards(published, read_cards(published)).sensing.circuit.matchline_capacitance_ff ==
        Approx(*c.matchline_capacitance_ff));
}

TEST_CASE("lines and rows are charged by the search, bits by the programming, whatever the data") {
  const Config config = physical_config();
  for (const std::uint64_t matching : {0u, 32u, 64u}) {
    const Cost cost = cost_of(trace_that_matches(matching), config);
    const auto count = [&](const std::string& name, const std::string& action) {
      for (const ActionCost& one : component(cost, name).actions)
        if (one.name == action) return static_cast<double>(one.count);
      throw std::out_of_range(action);
    };
    CHECK(count("search_line", "drive") == searches * 64);
    CHECK(count("matchline", "share") == rows);
    CHECK(count("cam_array", "write_row") == rows);  // every query programs every tile
    CHECK(count("cam_array", "write_bit") == rows * 64);
    CHECK(count("cam_array", "match") == rows * static_cast<double>(matching));
  }
}

TEST_CASE(
    "a time-domain search pays by its kind: loads by what does not match, a chain by conversion, the supply squared") {
  const std::vector<std::string> kind{"sensing.kind=time_domain", "sensing.cell_parasitic_ff=0.5"};
  const Cost all = cost_of(trace_that_matches(64), physical_config(kind));
  const Cost half = cost_of(trace_that_matches(32), physical_config(kind));
  CHECK(cells_of(all) == Approx(rows * 64 * 0.5e-3));
  CHECK(cells_of(half) == Approx(rows * (64 * 0.5e-3 + 32 * 1.2e-3)));
  const double convert_pj = energy_of(all, "converter", "convert");
  CHECK(convert_pj == energy_of(half, "converter", "convert"));
  const Cost low = cost_of(trace_that_matches(32), physical_config(also(kind, {"sensing.supply_v=0.5"})));
  CHECK(cells_of(low) == Approx(cells_of(half) / 4));
  // Three quarters of what the chain takes at 1 V are gone, registers and adders have the supply of the digital parts.
  CHECK(convert_pj - energy_of(low, "converter", "convert") == Approx(rows * 0.75 * (63 * 1.2e-3 + 64 * 0.5e-3)));
}

TEST_CASE("the node of a cell that delays is worked out from the cards: five gates and a cell's side of wire") {
  const Config config = physical_config({"sensing.kind=time_domain"});
  const Config filled = with_circuit_cards(config, read_cards(config));
  const double logic_um2 = 1.575 / 0.684;  // of 40 nm: about two thirds of 65 nm
  CHECK(*filled.sensing.circuit.cell_parasitic_ff ==
        Approx(5 * 0.12 + 0.2 * std::sqrt(3.3 + 2 * logic_um2)).epsilon(0.05));
}

TEST_CASE("a ramp pays a step and a comparison a row for every code it has to fall") {
  const Config config = physical_config({"sensing.kind=\"ramp\""});
  const Cost all = cost_of(trace_that_matches(64), config), none = cost_of(trace_that_matches(0), config);
  // Code 63 is crossed on step 1 = 64 - 63, code 0 counts as 1: step 63; all 16 rows of a tile at once.
  CHECK(energy_of(none, "converter", "ramp_step") == Approx(63 * energy_of(all, "converter", "ramp_step")));
  CHECK(energy_of(none, "converter", "compare") == Approx(63 * energy_of(all, "converter", "compare")));
  const CardLibrary library = read_cards(config);
  const Config filled = with_circuit_cards(config, library);
  const Blocks blocks(library.units, technology_of(filled));
  const ConverterDesign design = converter_design(filled);
  const double decision_pj = energy_of(all, "converter", "compare") / rows;
  CHECK(decision_pj == Approx(blocks.factor("converter_overhead").value * cost_of_speed(blocks, design, 1) *
                              comparator_block(blocks, design).energy_pj("decide").value));
}

TEST_CASE("every shipped configuration of the physical library prices every action, at 65 and 28 nm, by every kind") {
  for (const std::string file : {"physical-65nm.toml", "physical-28nm.toml"}) {
    for (const std::string kind : {"ideal", "sar", "flash", "ramp", "time_domain"}) {
      INFO(file << ", " << kind);
      const Config config = read_config(source_dir() / "configs" / file, {"sensing.kind=\"" + kind + "\""});
      CHECK_NOTHROW(check_cost(price({}, config, read_cards(config))));
    }
  }
}

TEST_CASE("energy and area fall from 65 to 28 nm, but not what is set by the capacitor") {
  const Config large = physical_config(), small = read_config(source_dir() / "configs/physical-28nm.toml", {});
  const Trace trace = trace_that_matches(32);
  const Cost at65 = cost_of(trace, large), at28 = cost_of(trace, small);
  CHECK(component(at28, "value_mac").energy_pj.value < component(at65, "value_mac").energy_pj.value);
  CHECK(component(at28, "merger").area_um2.value ==
        Approx(component(at65, "merger").area_um2.value * 0.247).epsilon(0.01));
  CHECK(component(at28, "cam_array").area_um2.value ==
        component(at65, "cam_array").area_um2.value);  // 22 fF need 11 um^2 anywhere
  // The capacitor does not shrink, the drains beside it do.
  const auto cell_ff = [](const Config& config) {
    return 22.0 + *with_circuit_cards(config, read_cards(config)).sensing.circuit.cell_parasitic_ff;
  };
  CHECK(cell_ff(small) < 22.2);
  CHECK(energy_of(at28, "cam_array", "mismatch") ==
        Approx(energy_of(at65, "cam_array", "mismatch") * 0.9 * 0.9 * cell_ff(small) / cell_ff(large)));
}

TEST_CASE("leakage is charged for the time of the run") {
  const Trace trace = trace_that_matches(32);
  const Cost fast = cost_of(trace, physical_config());
  const Cost slow = cost_of(trace, physical_config({"clock.frequency_ghz=0.5"}));
  CHECK(fast.leakage_mw.value > 0.0);
  CHECK(slow.leakage_pj.value == Approx(2 * fast.leakage_pj.value));
  double leakage_mw = 0.0;
  for (const ComponentCost& one : fast.components) leakage_mw += one.leakage_mw.value;
  CHECK(fast.leakage_mw.value == leakage_mw);
  CHECK(fast.on_chip_pj.value > fast.leakage_pj.value);
}

TEST_CASE("an interval holds its value, and an interval that does not add up is found") {
  Cost cost = cost_of(trace_that_matches(32), physical_config());
  CHECK(cost.total_pj.low < cost.total_pj.value);
  CHECK(cost.total_pj.high > cost.total_pj.value);
  double low = cost.leakage_pj.low;
  for (const ComponentCost& one : cost.components) low += one.energy_pj.low;
  CHECK(cost.on_chip_pj.low == Approx(low));
  cost.components.front().energy_pj.high += 1.0;
  CHECK_THROWS_AS(check_cost(cost), LawBroken);
}

TEST_CASE("a clock that no gate of the node reaches is refused, a unit that has too few cycles is named") {
  // 180 nm: a gate takes 79 ps at 1.8 V, so eight take longer than the 50 ps of 20 GHz.
  const Config fast = physical_config({"cost.node_nm=180", "cost.supply_v=1.8", "clock.frequency_ghz=20"});
  CHECK_THROWS_WITH(price({}, fast, read_cards(fast)),
                    ContainsSubstring("clock.frequency_ghz") && ContainsSubstring("at most 1.58 GHz, got 20"));
  const auto notes_of = [](const std::vector<std::string>& sets) {
    const Config config = physical_config(sets);
    const Cost cost = price({}, config, read_cards(config));
    return std::accumulate(cost.notes.begin(), cost.notes.end(), std::string());
  };
  CHECK_THAT(notes_of({"cost.node_nm=180", "cost.supply_v=1.8"}), ContainsSubstring("a multiply-accumulate") &&
                                                                      ContainsSubstring("value.mac_cycles") &&
                                                                      ContainsSubstring("a conversion"));
  CHECK_THAT(notes_of({"clock.frequency_ghz=0.1"}),
             !ContainsSubstring("the clock leaves") && !ContainsSubstring("phases of a search"));
  // A cell of 22.36 fF behind 5 kOhm takes 7 ln 2 of its 0.112 ns to settle to half of an LSB of 6 bits: 0.54 ns.
  CHECK_THAT(notes_of({}), ContainsSubstring("phases of a search are too short for half an LSB: precharge needs 0.54"));
  CHECK_THAT(notes_of({"cost.node_nm=5", "cost.supply_v=0.7"}),
             ContainsSubstring("5 nm is extrapolated from 10 and 7 nm"));
}

TEST_CASE("every array that is timed has a tile selector that is priced") {
  const auto selectors_um2 = [](const char* count) {
    const Config config = physical_config({std::string("array.count=") + count});
    return component(price({}, config, read_cards(config)), "tile_selector").area_um2.value;
  };
  CHECK(selectors_um2("64") == Approx(64 * selectors_um2("1")));
}

TEST_CASE("what every chip has beside its components is a part of them, shown apart") {
  const Config config = physical_config();
  const Cost cost = cost_of(trace_that_matches(32), config);
  const CardLibrary library = read_cards(config);
  const std::vector<std::string> overheads{"clock_tree", "control", "wires", "decoupling", "bias_reference"};
  const std::vector<std::string> analogue{"cam_array", "search_line", "matchline", "converter"};
  double energy = 0.0, area = 0.0, analogue_energy = 0.0;
  for (const ComponentCost& one : cost.components) {
    if (std::find(overheads.begin(), overheads.end(), one.name) != overheads.end()) continue;
    energy += one.energy_pj.value;
    area += one.area_um2.value;
    if (std::find(analogue.begin(), analogue.end(), one.name) != analogue.end()) analogue_energy += one.energy_pj.value;
  }
  const auto factor = [&](const char* unit) { return library.units.of(unit).front()->factor.value; };
  CHECK(component(cost, "clock_tree").energy_pj.value == Approx(factor("clock_tree") * energy));
  CHECK(component(cost, "bias_reference").energy_pj.value == Approx(factor("bias_reference") * analogue_energy));
  CHECK(component(cost, "decoupling").energy_pj.value == 0.0);
  CHECK(component(cost, "wires").area_um2.value == Approx(library.units.of("wires").front()->area_factor.value * area));
  // Together with everything at its high the chip stays within what measured chips lose from core to system.
  double high = 1.0;
  for (const char* unit : {"clock_tree", "control", "wires", "bias_reference"})
    high += library.units.of(unit).front()->factor.high;
  CHECK(high > 2.0);
  CHECK(high < 14.8 / 1.65);
}

TEST_CASE("leakage of a run follows temperature and corner") {
  const Trace trace = trace_that_matches(32);
  const double cold = cost_of(trace, physical_config()).leakage_mw.value;
  CHECK(cost_of(trace, physical_config({"sensing.temperature_c=85"})).leakage_mw.value > 8 * cold);
  CHECK(cost_of(trace, physical_config({"sensing.corner=\"ss\""})).leakage_mw.value < cold);
  CHECK(cost_of(trace, physical_config({"cost.supply_v=0.8"})).leakage_mw.value < 0.8 * cold);
}

TEST_CASE("memories, registers, adders and converters follow the square of the supply") {
  const auto price_of = [](const char* supply, const std::string& name, const std::string& action) {
    const Config config = physical_config({std::string("cost.supply_v=") + supply});
    const Cost cost = price({}, config, read_cards(config));
    for (const ActionCost& one : component(cost, name).actions)
      if (one.name == action) return one.energy_per_action_pj.value;
    throw std::out_of_range(action);
  };
  for (const auto& [name, action] : std::vector<std::pair<std::string, std::string>>{
           {"key_sram", "read"}, {"query_buffer", "write"}, {"score_scaler", "scale"}, {"merger", "merge"}}) {
    INFO(name);
    CHECK(price_of("0.7", name, action) == Approx(0.49 * price_of("1.0", name, action)));
  }
  CHECK(price_of("0.7", "converter", "convert") < price_of("1.0", "converter", "convert"));
}

TEST_CASE("a card of an energy without a supply is refused") {
  const ConfigFiles files;
  std::filesystem::copy(source_dir() / "models", files.folder() / "models", std::filesystem::copy_options::recursive);
  const auto card = files.folder() / "models/physical/fp32_mul_aladdin.toml";
  std::ifstream in(card);
  std::string text((std::istreambuf_iterator<char>(in)), {});
  text = std::regex_replace(text, std::regex("supply_v = [^\n]*\n"), "");
  std::ofstream(card) << text;
  const auto problems = files.problems_of(
      [&] { read_cards(files.folder() / "models/physical", files.folder() / "models/dram/hbm2.toml"); });
  REQUIRE(problems.size() == 1);
  CHECK_THAT(problems.front(), ContainsSubstring("fp32_mul_aladdin.toml") && ContainsSubstring("supply_v"));
}

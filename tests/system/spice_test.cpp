// SPDX-License-Identifier: Apache-2.0
// The model of voltages, supply charge and settling agrees with a circuit simulator, ngspice, on the netlists of
// `capcam spice`.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

#include "support/catch.h"
#include "support/program.h"

namespace capcam::testing {
namespace {

struct Row {
  std::uint32_t cells, matches;
};

std::string cells_text(const Row& row) {
  std::string text;
  for (std::uint32_t i = 0; i < row.cells; ++i)
    text += i * row.matches / row.cells != (i + 1) * row.matches / row.cells ? '1' : '0';
  return text;
}

double value_in(const std::string& printed, const std::string& name) {
  const std::size_t at = printed.find(name + " ");
  INFO(printed);
  REQUIRE(at != std::string::npos);
  return std::strtod(printed.c_str() + printed.find('=', at) + 1, nullptr);
}

// What ngspice finds on the netlist that capcam writes, and what its header says the model expects.
struct Found {
  double matchline_v = 0.0, sampled_v = 0.0, charge_fc = 0.0;
  double expected_v = 0.0, expected_fc = 0.0, lsb_v = 0.0;
  double error_lsb() const { return std::abs(sampled_v - expected_v) / lsb_v; }
};

double number_after(const std::string& text, const std::string& words) {
  const std::size_t at = text.find(words);
  return at == std::string::npos ? 0.0 : std::strtod(text.c_str() + at + words.size(), nullptr);
}

// `sets` are keys of [sensing] or, with a dot, of any section.
Found find(const std::string& cells, const std::vector<std::string>& sets, const std::vector<std::string>& more = {}) {
  const TemporaryFolder folder;
  std::vector<std::string> arguments{
      "spice", "camformer", "--row",
      cells,   "--set",     "array.columns=" + std::to_string(std::max<std::size_t>(16, cells.size()))};
  arguments.insert(arguments.end(), more.begin(), more.end());
  for (const std::string& set : sets)
    arguments.insert(arguments.end(), {"--set", set.find('.') < set.find('=') ? set : "sensing." + set});
  const Ended netlist = run_capcam(arguments);
  INFO(netlist.err);
  REQUIRE(netlist.status == 0);
  write_bytes(folder / "row.cir", netlist.out);
  const Ended run = Program({"ngspice", "-b", folder / "row.cir"}).wait();
  INFO(run.err);
  Found found;
  found.matchline_v = value_in(run.out, "v_matchline");
  found.sampled_v = value_in(run.out, "v_sampled");
  found.expected_v = number_after(netlist.out, "v_sampled = ");
  found.lsb_v = number_after(netlist.out.substr(netlist.out.find("an LSB of ")), " bits ");
  found.expected_fc = number_after(netlist.out, "q_supply = ");
  found.charge_fc = 1e15 * value_in(run.out, "q_supply");
  return found;
}

Found find(const Row& row, const std::vector<std::string>& sets, const std::vector<std::string>& more = {}) {
  return find(cells_text(row), sets, more);
}

std::string random_cells(std::mt19937& random, std::uint32_t cells) {
  std::string text;
  for (std::uint32_t i = 0; i < cells; ++i) text += random() % 2 == 0 ? '0' : '1';
  return text;
}

const std::vector<std::string> bare = {"cell_parasitic_ff=0", "matchline_capacitance_ff=0",
                                       "sampling_capacitance_ff=0"};

std::vector<std::string> with(std::vector<std::string> sets, const std::vector<std::string>& more) {
  sets.insert(sets.end(), more.begin(), more.end());
  return sets;
}

}  // namespace

TEST_CASE("ngspice finds the published cell's m / d of the supply and (d - m) C V of charge, at every match count") {
  for (const Row& row : {Row{16, 0}, Row{16, 5}, Row{16, 16}, Row{64, 1}, Row{64, 63}, Row{128, 40}}) {
    const Found found = find(row, bare);
    INFO(row.matches << " of " << row.cells);
    CHECK(found.sampled_v == Approx(static_cast<double>(row.matches) / row.cells).margin(2e-5));
    CHECK(found.charge_fc == Approx(22.0 * (row.cells - row.matches)).epsilon(0.01).margin(0.01));
  }
}

TEST_CASE(
    "ngspice finds the model's voltage within 0.2 % of an LSB and its supply charge within 1 %, for every cell "
    "circuit, "
    "over random matches, parasitics and mismatch") {
  std::mt19937 random(17);
  const auto real = [&](double low, double high) {
    return std::to_string(std::uniform_real_distribution<double>(low, high)(random));
  };
  for (const std::string circuit : {"discharge", "charge", "coupling"}) {
    for (int draw = 0; draw < 6; ++draw) {
      const std::string cells = random_cells(random, draw < 4 ? 12 : 64);
      const double line_ff = std::uniform_real_distribution<double>(1.0, 150.0)(random);
      std::vector<std::string> sets{"cell_circuit=" + circuit,
                                    "supply_v=" + real(0.7, 1.2),
                                    "cell_capacitance_ff=" + real(1.0, 22.0),
                                    "cell_parasitic_ff=" + real(0.0, 2.0),
                                    "matchline_capacitance_ff=" + std::to_string(line_ff),
                                    "sampling_capacitance_ff=" + std::to_string(draw % 2 == 0 ? 0.0 : line_ff / 2.0)};
      if (draw >= 2) sets.push_back("matching_coefficient=0.03");
      const Found found = find(cells, sets, {"--seed", std::to_string(draw)});
      CAPTURE(circuit, draw, cells, found.expected_v, found.sampled_v, found.expected_fc, found.charge_fc);
      CHECK(found.error_lsb() < 0.002);
      // Mismatch averages out of the charge only over many cells: the model prices equal ones.
      CHECK(found.charge_fc == Approx(found.expected_fc).epsilon(0.01).margin(0.02));
    }
  }
}

TEST_CASE("ngspice agrees within 0.3 % of an LSB on leakage and injection, joined, cut off and sampled") {
  const std::vector<std::string> errors{"cell_capacitance_ff=4", "matchline_capacitance_ff=80", "leakage_pa=20000",
                                        "injected_charge_fc=0.5"};
  for (const std::vector<std::string>& more :
       std::vector<std::vector<std::string>>{{"sampling_capacitance_ff=0"},
                                             {"sampling_capacitance_ff=0", "share_switches=open"},
                                             {"sampling_capacitance_ff=30"},
                                             {"sampling_capacitance_ff=30", "hold_ns=7"},
                                             {"sampling_capacitance_ff=30", "rows_per_converter=16"},
                                             {"sampling_capacitance_ff=30", "sampling_resistance_kohm=0.2"},
                                             {"sampling_capacitance_ff=0", "share_switches=open", "hold_ns=7"},
                                             {"sampling_capacitance_ff=0", "rows_per_converter=16"},
                                             {"kind=ramp", "sampling_capacitance_ff=0"},
                                             {"corner=ff", "temperature_c=85", "sampling_capacitance_ff=0"}}) {
    for (const char* row : {"0", "13"}) {
      const Found found = find(Row{12, 8}, with(errors, more), {"--array-row", row});
      CAPTURE(more, row, found.expected_v, found.sampled_v);
      CHECK(found.error_lsb() < 0.003);
    }
  }
}

TEST_CASE("what is sampled stays between ground and the supply where ideal currents drive the matchline beyond") {
  const Found low = find(Row{10, 0}, with(bare, {"leakage_pa=1000", "hold_ns=2000"}));
  CHECK(low.sampled_v == 0.0);
  CHECK(low.expected_v == 0.0);
}

TEST_CASE(
    "ngspice agrees within 1 % of an LSB on cells, matchlines and sampling capacitors that had no time to settle, and "
    "within 1 % on the charge that they draw, for every cell circuit and corner") {
  for (const std::string circuit : {"discharge", "charge", "coupling"}) {
    for (const std::string switches : {"2", "8", "20"}) {
      for (const std::string corner : {"tt", "sf", "fs"}) {
        const Found found = find(
            Row{16, 9}, {"cell_circuit=" + circuit, "settling=true", "cell_capacitance_ff=6", "cell_parasitic_ff=0.3",
                         "matchline_capacitance_ff=40", "sampling_capacitance_ff=20", "matchline_ohm_per_column=0",
                         "search_line_ohm_per_row=0", "driver_resistance_kohm=0", "switch_resistance_kohm=" + switches,
                         "sampling_resistance_kohm=4", "corner=" + corner, "corner_threshold_mv=60"});
        CAPTURE(circuit, switches, corner, found.expected_v, found.sampled_v, found.lsb_v);
        CHECK(std::abs(found.sampled_v - 9.0 / 16.0 * 64.0 * found.lsb_v) > 0.02 * found.lsb_v);  // it is an error
        CHECK(found.error_lsb() < 0.01);
        CHECK(found.charge_fc == Approx(found.expected_fc).epsilon(0.01).margin(0.02));
      }
    }
  }
}

TEST_CASE("a switch of 1 GOhm draws next to nothing from the supply, in ngspice as in the model") {
  for (const std::string circuit : {"discharge", "charge", "coupling"}) {
    const Found found =
        find(Row{64, 30}, {"cell_circuit=" + circuit, "settling=true", "switch_resistance_kohm=1000000"});
    CAPTURE(circuit, found.charge_fc, found.expected_fc);
    CHECK(std::abs(found.charge_fc) < 0.001 * 22.0 * 34.0);
    CHECK(found.charge_fc == Approx(found.expected_fc).epsilon(0.01).margin(0.001));
  }
}

namespace {

const std::string all_match(64, '1'), none_match(64, '0'),
    near_match = std::string(24, '1') + std::string(40, '0'), far_match = std::string(40, '0') + std::string(24, '1');

// What configs/pvt.toml has, but for draws and leakage: 64 cells of 22 fF, wires by the cards.
const std::vector<std::string> of_pvt = {"settling=true", "switch_resistance_kohm=1.5", "sampling_resistance_kohm=0.2"};

}  // namespace

TEST_CASE(
    "ngspice agrees within 2 % of an LSB on rows that a sampling capacitor of up to their own size empties, at 6 and 8 "
    "bits") {
  for (const std::string circuit : {"discharge", "charge", "coupling"}) {
    for (const std::string& cells : {all_match, near_match, far_match}) {
      for (const std::vector<std::string>& sampling : std::vector<std::vector<std::string>>{
               {"bits=6"},
               {"bits=8"},
               {"bits=8", "sampling_capacitance_ff=512"},
               {"bits=8", "sampling_capacitance_ff=1408", "clock.frequency_ghz=0.5"}}) {
        const Found found = find(cells, with(with(of_pvt, sampling), {"cell_circuit=" + circuit}));
        CAPTURE(circuit, cells, sampling, found.expected_v, found.sampled_v, found.lsb_v);
        CHECK(found.error_lsb() < 0.02);
        // The price of coupling cells knows of no wire between those that match and the rest.
        const bool apart = circuit == "coupling" && cells != all_match;
        CHECK(found.charge_fc == Approx(found.expected_fc).epsilon(apart ? 0.05 : 0.01).margin(0.5));
      }
    }
  }
}

TEST_CASE(
    "a large sampling capacitor at the end of a matchline of wire costs 7.6 LSB of 8 bits, in ngspice as in the "
    "model") {
  const Found found = find(all_match, with(of_pvt, {"bits=8"}));
  CHECK((found.sampled_v - 256.0 * found.lsb_v) / found.lsb_v == Approx(-7.62).epsilon(0.01));
  CHECK((found.expected_v - 256.0 * found.lsb_v) / found.lsb_v == Approx(-7.62).epsilon(0.01));
  const Found six = find(all_match, with(of_pvt, {"bits=6"}));
  CHECK((six.expected_v - 64.0 * six.lsb_v) / six.lsb_v == Approx(-0.32).margin(0.01));
}

TEST_CASE("ngspice agrees within 2 % of an LSB on a matchline of wire, a ladder, that settles or is far too late") {
  for (const std::string cells :
       {"1111111111110000000000000000000000000000", "0000000000000000000000000000111111111111",
        "1100011011100101101000110101110010110010"}) {
    for (const std::string ohm : {"50", "100", "150", "400"}) {
      const Found found =
          find(cells, {"settling=true", "cell_capacitance_ff=10", "cell_parasitic_ff=0.3",
                       "matchline_capacitance_ff=30", "sampling_capacitance_ff=10", "matchline_ohm_per_column=" + ohm,
                       "search_line_ohm_per_row=0", "switch_resistance_kohm=1", "array.search_cycles=2"});
      CAPTURE(cells, ohm, found.expected_v, found.sampled_v, found.lsb_v);
      CHECK(found.error_lsb() < 0.02);
    }
  }
}

TEST_CASE(
    "ngspice agrees within 2 % of an LSB on rows that level out until they are read: flash, waiting, shared, cut off") {
  const std::vector<std::string> slow{"settling=true", "matchline_ohm_per_column=20", "switch_resistance_kohm=1",
                                      "clock.frequency_ghz=2", "rows_per_converter=4"};
  for (const std::vector<std::string>& how :
       std::vector<std::vector<std::string>>{{"kind=flash", "conversion_cycles=1"},
                                             {"kind=flash", "conversion_cycles=1", "share_switches=open"},
                                             {"kind=flash", "cell_circuit=charge", "hold_ns=0.6"},
                                             {"kind=flash", "cell_circuit=coupling", "conversion_cycles=1"},
                                             {"kind=sar", "sampling_capacitance_ff=60", "sampling_resistance_kohm=1"},
                                             {"kind=sar", "sampling_capacitance_ff=60", "cell_circuit=coupling"},
                                             {"kind=sar", "sampling_capacitance_ff=0", "conversion_cycles=1"}}) {
    for (const std::string row : {"0", "1", "3"}) {
      for (const std::string& cells : {near_match, far_match}) {
        const Found found = find(cells, with(slow, how), {"--array-row", row});
        CAPTURE(how, row, cells, found.expected_v, found.sampled_v, found.lsb_v);
        CHECK(found.error_lsb() < 0.02);
      }
    }
  }
}

TEST_CASE("a row that is no row of the array is refused") {
  const Ended letters = run_capcam({"spice", "camformer", "--row", "10x"});
  CHECK(letters.status == 2);
  CHECK_THAT(letters.err, ContainsSubstring("--row: expected a 1 for every cell that matches"));
  const Ended wide = run_capcam({"spice", "camformer", "--row", std::string(65, '1')});
  CHECK(wide.status == 2);
  CHECK_THAT(wide.err, ContainsSubstring("65 cells are more than array.columns (64)"));
  const Ended beyond = run_capcam({"spice", "camformer", "--array", "1", "--array-row", "16"});
  CHECK(beyond.status == 2);
  CHECK_THAT(beyond.err, ContainsSubstring("--array: expected less than 1 (array.count), got 1"));
  CHECK_THAT(beyond.err, ContainsSubstring("--array-row: expected less than 16 (array.rows), got 16"));
}

TEST_CASE("a row of no cells is refused by name") {
  const Ended ended = run_capcam({"spice", "camformer", "--row", ""});
  CHECK(ended.status == 2);
  CHECK(ended.out.empty());
  CHECK_THAT(ended.err, ContainsSubstring("--row: expected a value"));
}

TEST_CASE("converters that read no shared charge have no netlist, and the others have one") {
  for (const std::string kind : {"time_domain", "ideal"}) {
    const Ended ended = run_capcam({"spice", "camformer", "--set", "sensing.kind=" + kind});
    CHECK(ended.status == 2);
    CHECK(ended.out.empty());
    CHECK_THAT(ended.err, ContainsSubstring("sensing.kind is " + kind) && ContainsSubstring("sensing.kind=sar"));
  }
  for (const std::string kind : {"sar", "flash", "ramp"})
    CHECK(run_capcam({"spice", "camformer", "--set", "sensing.kind=" + kind}).status == 0);
}

}  // namespace capcam::testing

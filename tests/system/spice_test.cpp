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
  found.lsb_v = number_after(netlist.out, "an LSB of 6 bits ");
  found.expected_fc = number_after(netlist.out, "q_supply = ");
  if (found.expected_fc != 0.0 || netlist.out.find("q_supply = ") != std::string::npos)
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
    "ngspice agrees within 3 % of an LSB on cells, matchlines and sampling capacitors that had no time to settle, for "
    "every cell circuit") {
  for (const std::string circuit : {"discharge", "charge", "coupling"}) {
    for (const std::string switches : {"2", "8", "20"}) {
      const Found found =
          find(Row{16, 9}, {"cell_circuit=" + circuit, "settling=true", "cell_capacitance_ff=6",
                            "cell_parasitic_ff=0.3", "matchline_capacitance_ff=40", "sampling_capacitance_ff=20",
                            "matchline_ohm_per_column=0", "search_line_ohm_per_row=0", "driver_resistance_kohm=0",
                            "switch_resistance_kohm=" + switches, "sampling_resistance_kohm=4"});
      CAPTURE(circuit, switches, found.expected_v, found.sampled_v, found.lsb_v);
      CHECK(std::abs(found.sampled_v - 9.0 / 16.0 * 64.0 * found.lsb_v) > 0.02 * found.lsb_v);  // it is an error
      CHECK(found.error_lsb() < 0.03);
    }
  }
}

TEST_CASE(
    "ngspice agrees on a matchline of wire, a ladder: within 2 % of an LSB of one that settles, 15 % of one late") {
  for (const std::string cells :
       {"1111111111110000000000000000000000000000", "0000000000000000000000000000111111111111",
        "1100011011100101101000110101110010110010"}) {
    for (const auto& [ohm, bound] : {std::pair{"50", 0.02}, std::pair{"100", 0.15}}) {
      const Found found = find(
          cells, {"settling=true", "cell_capacitance_ff=10", "cell_parasitic_ff=0.3", "matchline_capacitance_ff=30",
                  "sampling_capacitance_ff=10", "matchline_ohm_per_column=" + std::string(ohm),
                  "search_line_ohm_per_row=0", "switch_resistance_kohm=1", "array.search_cycles=2"});
      CAPTURE(cells, ohm, found.expected_v, found.sampled_v, found.lsb_v);
      CHECK(found.error_lsb() < bound);
    }
  }
}

TEST_CASE("on a matchline far too long, near cells read high and far ones low, in ngspice as in the model") {
  const std::vector<std::string> sets{"settling=true",
                                      "cell_capacitance_ff=10",
                                      "matchline_capacitance_ff=30",
                                      "sampling_capacitance_ff=10",
                                      "matchline_ohm_per_column=150",
                                      "search_line_ohm_per_row=0",
                                      "switch_resistance_kohm=1",
                                      "array.search_cycles=2"};
  const Found near = find(std::string(12, '1') + std::string(28, '0'), sets);
  const Found far = find(std::string(28, '0') + std::string(12, '1'), sets);
  const double model = (near.expected_v - far.expected_v) / near.lsb_v,
               spice = (near.sampled_v - far.sampled_v) / near.lsb_v;
  CHECK(spice > 1.0);
  CHECK(model == Approx(spice).epsilon(0.3));
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

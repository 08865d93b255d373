// SPDX-License-Identifier: Apache-2.0
// The charge-sharing model against a circuit simulator: ngspice on the netlists of `capcam spice`.
#include <cmath>
#include <cstdlib>

#include "config/config.h"
#include "kernels/matchline.h"
#include "spice/netlist.h"
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

// What ngspice measures on the netlist that capcam writes for these keys of [sensing].
double measured_voltage(const Row& row, const std::vector<std::string>& sets,
                        const std::vector<std::string>& more = {}) {
  const TemporaryFolder folder;
  std::vector<std::string> arguments{"spice", "camformer", "--row", cells_text(row), "--set", "array.columns=128"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  for (const std::string& set : sets) arguments.insert(arguments.end(), {"--set", "sensing." + set});
  const Ended netlist = run_capcam(arguments);
  INFO(netlist.err);
  REQUIRE(netlist.status == 0);
  write_bytes(folder / "row.cir", netlist.out);
  const Ended run = Program({"ngspice", "-b", folder / "row.cir"}).wait();
  const std::size_t at = run.out.find("v_matchline");
  INFO(run.out << run.err);
  REQUIRE(at != std::string::npos);
  return std::strtod(run.out.c_str() + run.out.find('=', at) + 1, nullptr);
}

// |ngspice - model| in LSB of a 6-bit converter.
double error_lsb(const Row& row, const CircuitParams& circuit, const std::vector<std::string>& sets) {
  const double lsb = full_scale_voltage(circuit, row.cells) / 64.0;
  return std::abs(measured_voltage(row, sets) - matchline_voltage(circuit, row.cells, row.matches)) / lsb;
}

const std::vector<Row> rows = {{16, 0}, {16, 5}, {16, 16}, {64, 1}, {64, 32}, {64, 63}, {128, 40}, {128, 127}};

}  // namespace

TEST_CASE("ngspice finds the matchline voltage of the model within 1 % of an LSB, at every width and match count") {
  for (const Row& row : rows) {
    INFO(row.matches << " of " << row.cells);
    CHECK(error_lsb(row, {}, {}) < 0.01);
  }
}

TEST_CASE("ngspice agrees within 1 % of an LSB on parasitic capacitance, small cells and another supply") {
  for (const Row& row : rows) {
    INFO(row.matches << " of " << row.cells);
    CircuitParams circuit;
    circuit.matchline_capacitance_ff = 20.0;
    circuit.cell_capacitance_ff = 1.2;
    circuit.supply_v = 0.8;
    circuit.supply_error = -0.1;
    CHECK(error_lsb(row, circuit,
                    {"matchline_capacitance_ff=20", "cell_capacitance_ff=1.2", "supply_v=0.8", "supply_error=-0.1"}) <
          0.01);
  }
}

TEST_CASE("ngspice agrees within 2 % of an LSB on leakage during the hold and on injected charge") {
  for (const Row& row : {Row{16, 9}, Row{64, 32}}) {
    INFO(row.matches << " of " << row.cells);
    CircuitParams circuit;
    circuit.cell_capacitance_ff = 2.0;
    circuit.leakage_pa = 500.0;
    circuit.hold_ns = 200.0;  // 50 mV: several LSB
    CHECK(error_lsb(row, circuit, {"cell_capacitance_ff=2", "leakage_pa=500", "hold_ns=200"}) < 0.02);
    circuit.leakage_pa = 0.0;
    circuit.injected_charge_fc = 3.0;
    CHECK(error_lsb(row, circuit, {"cell_capacitance_ff=2", "hold_ns=200", "injected_charge_fc=3"}) < 0.02);
  }
}

TEST_CASE("ngspice agrees within 2 % of an LSB on matchlines that have no time to settle") {
  CircuitParams circuit;
  circuit.cell_capacitance_ff = 2.0;
  circuit.matchline_capacitance_ff = 40.0;
  circuit.switch_resistance_kohm = 200.0;
  circuit.hold_ns = 0.0;
  circuit.share_ns = 0.3;
  for (const Row& row : {Row{16, 9}, Row{64, 40}}) {
    INFO(row.matches << " of " << row.cells);
    const double found = settled_share(circuit, row.cells);
    CHECK(found > 0.5);
    CHECK(found < 0.99);
    CHECK(error_lsb(row, circuit,
                    {"cell_capacitance_ff=2", "matchline_capacitance_ff=40", "switch_resistance_kohm=200", "hold_ns=0",
                     "share_ns=0.3"}) < 0.02);
  }
}

TEST_CASE("ngspice agrees within 1 % of an LSB on rows of cells that differ, as drawn for an array") {
  Config config;
  config.array.columns = 128;
  config.sensing.circuit.matching_coefficient = 0.2;  // 4 % of 22 fF: far more than real ones
  config.sensing.circuit.matchline_capacitance_ff = 100.0;
  for (const Row& row : {Row{16, 7}, Row{64, 33}, Row{128, 64}}) {
    for (const std::uint32_t seed :
         row.cells == 64 ? std::vector<std::uint32_t>{1, 2} : std::vector<std::uint32_t>{1}) {
      config.seed = seed;
      const std::string cells = cells_text(row);
      std::vector<bool> matches;
      for (const char c : cells) matches.push_back(c == '1');
      const NetlistRow of_row = drawn_row(config, 0, 0, 3, matches);
      const double found = measured_voltage(row, {"matching_coefficient=0.2", "matchline_capacitance_ff=100"},
                                            {"--array-row", "3", "--seed", std::to_string(seed)});
      const double lsb = full_scale_voltage(config.sensing.circuit, row.cells) / 64.0;
      INFO(row.matches << " of " << row.cells << ", seed " << seed);
      CHECK(std::abs(found - expected_voltage(config.sensing.circuit, of_row)) < 0.01 * lsb);
      // The draw matters: it is not the voltage of equal cells.
      CHECK(std::abs(found - matchline_voltage(config.sensing.circuit, row.cells, row.matches)) > 0.001 * lsb);
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

}  // namespace capcam::testing

// SPDX-License-Identifier: Apache-2.0
// The charge-sharing model agrees with a circuit simulator, ngspice, on the netlists of `capcam spice`.
#include <cmath>
#include <cstdlib>

#include "capcam/config.h"
#include "kernels/matchline.h"
#include "studies/spice/netlist.h"
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

std::vector<bool> cells_of(const Row& row) {
  std::vector<bool> cells;
  for (const char c : cells_text(row)) cells.push_back(c == '1');
  return cells;
}

Ended netlist_of(const Row& row, const std::vector<std::string>& sets, const std::vector<std::string>& more = {}) {
  std::vector<std::string> arguments{"spice", "camformer", "--row", cells_text(row), "--set", "array.columns=128"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  for (const std::string& set : sets) arguments.insert(arguments.end(), {"--set", "sensing." + set});
  return run_capcam(arguments);
}

double value_in(const std::string& printed, const std::string& name) {
  const std::size_t at = printed.find(name);
  INFO(printed);
  REQUIRE(at != std::string::npos);
  return std::strtod(printed.c_str() + printed.find('=', at) + 1, nullptr);
}

struct Measured {
  double matchline_v;
  double sampled_v;  // kept between ground and the supply
};

// Runs ngspice on the netlist that capcam writes for these keys of [sensing].
Measured measured(const Row& row, const std::vector<std::string>& sets, const std::vector<std::string>& more = {}) {
  const TemporaryFolder folder;
  const Ended netlist = netlist_of(row, sets, more);
  INFO(netlist.err);
  REQUIRE(netlist.status == 0);
  write_bytes(folder / "row.cir", netlist.out);
  const Ended run = Program({"ngspice", "-b", folder / "row.cir"}).wait();
  INFO(run.err);
  return {value_in(run.out, "v_matchline"), value_in(run.out, "v_sampled")};
}

double measured_voltage(const Row& row, const std::vector<std::string>& sets,
                        const std::vector<std::string>& more = {}) {
  return measured(row, sets, more).sampled_v;
}

// |ngspice - model| in LSB of a 6-bit converter.
double error_lsb(const Row& row, const CircuitParams& circuit, const std::vector<std::string>& sets) {
  const double lsb = full_scale_voltage(circuit, row.cells) / 64.0;
  return std::abs(measured_voltage(row, sets) - matchline_voltage(circuit, row.cells, row.matches)) / lsb;
}

const std::vector<Row> rows = {{16, 0}, {16, 5}, {16, 16}, {64, 1}, {64, 32}, {64, 63}, {128, 40}, {128, 127}};

}  // namespace

TEST_CASE("ngspice finds the matchline voltage of the model within 0.1 % of an LSB, at every width and match count") {
  for (const Row& row : rows) {
    INFO(row.matches << " of " << row.cells);
    CHECK(error_lsb(row, {}, {}) < 0.001);
  }
}

TEST_CASE("ngspice agrees within 0.1 % of an LSB on parasitic capacitance, small cells and another supply") {
  for (const Row& row : rows) {
    INFO(row.matches << " of " << row.cells);
    CircuitParams circuit;
    circuit.matchline_capacitance_ff = 20.0;
    circuit.cell_capacitance_ff = 1.2;
    circuit.supply_v = 0.8;
    circuit.supply_error = -0.1;
    CHECK(error_lsb(row, circuit,
                    {"matchline_capacitance_ff=20", "cell_capacitance_ff=1.2", "supply_v=0.8", "supply_error=-0.1"}) <
          0.001);
  }
}

TEST_CASE("ngspice agrees within 0.1 % of an LSB on leakage and on injected charge, however short the hold") {
  for (const Row& row : {Row{10, 6}, Row{64, 32}}) {
    for (const double hold_ns : {0.0, 0.05, 1.0, 2.0, 200.0}) {
      INFO(row.matches << " of " << row.cells << ", " << hold_ns << " ns");
      const std::string hold = "hold_ns=" + std::to_string(hold_ns);
      CircuitParams circuit;
      circuit.hold_ns = hold_ns;
      circuit.leakage_pa = hold_ns > 2.0 ? 5e3 : 5e5;  // droops of up to 45 mV: 3 LSB
      const std::string leakage = "leakage_pa=" + std::to_string(circuit.leakage_pa);
      CHECK(error_lsb(row, circuit, {hold, leakage}) < 0.001);
      circuit.injected_charge_fc = 3.0;
      CHECK(error_lsb(row, circuit, {hold, leakage, "injected_charge_fc=3"}) < 0.001);
      circuit.leakage_pa = 0.0;
      circuit.injected_charge_fc = -3.0;
      CHECK(error_lsb(row, circuit, {hold, "injected_charge_fc=-3"}) < 0.001);
    }
  }
}

TEST_CASE("ngspice agrees within 0.1 % of an LSB on leakage and injection of fast transistors at 125 degC") {
  CircuitParams circuit;
  circuit.corner = Corner::ff;
  circuit.temperature_c = 125.0;
  circuit.matchline_capacitance_ff = 100.0;
  circuit.leakage_pa = 100.0;
  circuit.injected_charge_fc = 5.0;
  for (const double hold_ns : {0.0, 1.0, 2.0}) {
    INFO(hold_ns << " ns");
    circuit.hold_ns = hold_ns;
    CHECK(error_lsb({16, 8}, circuit,
                    {"corner=ff", "temperature_c=125", "matchline_capacitance_ff=100", "leakage_pa=100",
                     "injected_charge_fc=5", "hold_ns=" + std::to_string(hold_ns)}) < 0.001);
  }
}

TEST_CASE("ngspice agrees within 0.5 % of an LSB on matchlines that have no time to settle, and are then held") {
  CircuitParams circuit;
  circuit.cell_capacitance_ff = 2.0;
  circuit.matchline_capacitance_ff = 40.0;
  circuit.switch_resistance_kohm = 200.0;
  circuit.share_ns = 0.3;
  const std::vector<std::string> sets{"cell_capacitance_ff=2", "matchline_capacitance_ff=40",
                                      "switch_resistance_kohm=200", "share_ns=0.3"};
  for (const Row& row : {Row{16, 9}, Row{64, 40}}) {
    for (const double hold_ns : {0.0, 1.0, 20.0}) {
      INFO(row.matches << " of " << row.cells << ", " << hold_ns << " ns");
      circuit.hold_ns = hold_ns;
      const double found = settled_share(circuit, row.cells);
      CHECK(found > 0.5);
      CHECK(found < 0.99);
      std::vector<std::string> held = sets;
      held.push_back("hold_ns=" + std::to_string(hold_ns));
      CHECK(error_lsb(row, circuit, held) < 0.005);
    }
  }
}

TEST_CASE("ngspice agrees within 0.5 % of an LSB on leakage and injection of matchlines that did not settle") {
  CircuitParams circuit;
  circuit.matchline_capacitance_ff = 100.0;
  circuit.switch_resistance_kohm = 100.0;
  circuit.leakage_pa = 5000.0;
  circuit.injected_charge_fc = 3.0;
  for (const double share_ns : {0.0, 0.01, 0.5, 20.0}) {
    INFO(share_ns << " ns");
    circuit.share_ns = share_ns;
    CHECK(error_lsb({10, 6}, circuit,
                    {"matchline_capacitance_ff=100", "switch_resistance_kohm=100", "leakage_pa=5000",
                     "injected_charge_fc=3", "share_ns=" + std::to_string(share_ns)}) < 0.005);
  }
}

TEST_CASE(
    "ngspice agrees within 5 % of an LSB on unequal cells that had no time to settle: tau is that of equal ones") {
  Config config;
  config.array.columns = 128;
  CircuitParams& circuit = config.sensing.circuit;
  circuit.matching_coefficient = 0.0085;
  circuit.matchline_capacitance_ff = 100.0;
  circuit.switch_resistance_kohm = 100.0;
  const Row row{16, 9};
  const double lsb = full_scale_voltage(circuit, row.cells) / 64.0;
  for (const std::uint32_t seed : {1, 2, 3}) {
    config.seed = seed;
    const double found = measured_voltage(
        row, {"matching_coefficient=0.0085", "matchline_capacitance_ff=100", "switch_resistance_kohm=100"},
        {"--seed", std::to_string(seed)});
    CHECK(std::abs(found - expected_voltage(circuit, drawn_row(config, 0, 0, 0, cells_of(row)))) < 0.05 * lsb);
  }
}

TEST_CASE("what is sampled stays between ground and the supply where ideal currents drive the matchline beyond") {
  // 1000 pA x 2000 ns / 22 fF
  const Measured low = measured({10, 0}, {"leakage_pa=1000", "hold_ns=2000"});
  CHECK(low.matchline_v == Approx(-2.0 / 22.0).margin(1e-5));
  CHECK(low.sampled_v == 0.0);
  // 22 fC / 220 fF
  const Measured high = measured({10, 10}, {"injected_charge_fc=22"});
  CHECK(high.matchline_v == Approx(1.1).margin(1e-5));
  CHECK(high.sampled_v == Approx(1.0).margin(1e-9));
  CHECK(measured({10, 0}, {"injected_charge_fc=-22"}).sampled_v == 0.0);
}

TEST_CASE("ngspice agrees within 0.1 % of an LSB on rows of cells that differ, as drawn for an array") {
  Config config;
  config.array.columns = 128;
  config.sensing.circuit.matching_coefficient = 0.2;  // 4 % of 22 fF: far more than real ones
  config.sensing.circuit.matchline_capacitance_ff = 100.0;
  for (const Row& row : {Row{16, 7}, Row{64, 33}, Row{128, 64}}) {
    for (const std::uint32_t seed :
         row.cells == 64 ? std::vector<std::uint32_t>{1, 2} : std::vector<std::uint32_t>{1}) {
      config.seed = seed;
      const NetlistRow of_row = drawn_row(config, 0, 0, 3, cells_of(row));
      const double found = measured_voltage(row, {"matching_coefficient=0.2", "matchline_capacitance_ff=100"},
                                            {"--array-row", "3", "--seed", std::to_string(seed)});
      const double lsb = full_scale_voltage(config.sensing.circuit, row.cells) / 64.0;
      INFO(row.matches << " of " << row.cells << ", seed " << seed);
      CHECK(std::abs(found - expected_voltage(config.sensing.circuit, of_row)) < 0.001 * lsb);
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

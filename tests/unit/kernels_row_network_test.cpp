// SPDX-License-Identifier: Apache-2.0
#include "kernels/row_network.h"

#include <cmath>
#include <numeric>

#include "support/catch.h"
#include "support/rc_network.h"

using namespace capcam;
using capcam::testing::RcNetwork;

namespace {

RowNetwork row_of(std::uint32_t cells, bool couples) {
  RowNetwork row;
  row.cells = cells;
  row.couples = couples;
  row.cell_ff = 6.0;
  row.plate_ff = couples ? 0.7 : 0.0;
  row.switch_kohm = 3.0;
  row.wire_kohm = 0.4;
  row.node_ff = 0.8;
  row.sampling_ff = 25.0;
  row.sampling_kohm = 0.5;
  return row;
}

int cell_of(std::uint32_t i) { return static_cast<int>(i); }
int node_of(const RowNetwork& row, std::uint32_t i) { return static_cast<int>(row.cells + i); }

// The voltage of the sampling capacitor (or of node 0) after the steps, by following the network.
double followed(const RowNetwork& row, const std::vector<NetworkStep>& steps, const std::vector<double>& cells) {
  RcNetwork network(2 * row.cells + 1);
  const int sample = static_cast<int>(2 * row.cells);
  network.capacitor(sample, RcNetwork::ground, row.sampling_ff > 0.0 ? row.sampling_ff : 1.0);
  for (std::uint32_t i = 0; i < row.cells; ++i) {
    network.capacitor(node_of(row, i), RcNetwork::ground, row.node_ff);
    network.capacitor(cell_of(i), row.couples ? node_of(row, i) : RcNetwork::ground, row.cell_ff);
    if (row.couples) network.capacitor(cell_of(i), RcNetwork::ground, row.plate_ff);
    if (i + 1 < row.cells) network.resistor(node_of(row, i), node_of(row, i + 1), row.wire_kohm);
    // A source that steps by V is a plate that was at - V and goes to 0.
    network.volts[i] = row.couples ? -cells[i] : cells[i];
  }
  for (const NetworkStep& step : steps) {
    const auto other = [&](std::uint32_t i) { return row.couples ? RcNetwork::ground : node_of(row, i); };
    for (std::uint32_t i = 0; step.cells && i < row.cells; ++i) network.resistor(cell_of(i), other(i), row.switch_kohm);
    if (step.samples) network.resistor(node_of(row, 0), sample, row.sampling_kohm);
    network.pass(step.time_ns);
    for (std::uint32_t i = 0; step.cells && i < row.cells; ++i)
      network.remove_resistor(cell_of(i), other(i), row.switch_kohm);
    if (step.samples) network.remove_resistor(node_of(row, 0), sample, row.sampling_kohm);
  }
  return row.sampling_ff > 0.0 ? network.volts.back() : network.volts[row.cells];
}

}  // namespace

TEST_CASE("a row's weights are those of its network followed in time, sampled or not, joined or cut off") {
  const std::vector<double> patterns[] = {
      {1, 1, 1, 1, 1, 1}, {1, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 1, 1}, {0, 1, 0, 1, 1, 0}};
  for (const bool couples : {false, true}) {
    for (const double sampling_ff : {0.0, 5.0, 40.0}) {
      RowNetwork row = row_of(6, couples);
      row.sampling_ff = sampling_ff;
      for (const double time_ns : {0.004, 0.03, 0.5}) {
        std::vector<std::vector<NetworkStep>> plans{{{time_ns, true, false}, {0.7 * time_ns, true, sampling_ff > 0.0}}};
        if (sampling_ff == 0.0 && !couples) plans.push_back({{time_ns, true, false}, {0.002, false, false}});
        for (const std::vector<NetworkStep>& steps : plans) {
          const std::vector<double> weights = read_weights(row, steps);
          for (const std::vector<double>& cells : patterns) {
            CAPTURE(couples, sampling_ff, time_ns, cells);
            CHECK(std::inner_product(cells.begin(), cells.end(), weights.begin(), 0.0) ==
                  Approx(followed(row, steps, cells)).margin(2e-8));
          }
        }
      }
    }
  }
}

TEST_CASE("given time, all cells of a row weigh C' / (d C' + C_p), whatever resists, and none resists too little") {
  for (const bool couples : {false, true}) {
    for (const double ohms : {1.0, 0.0}) {  // without any resistance everything has settled at once
      RowNetwork row = row_of(5, couples);
      row.switch_kohm *= ohms;
      row.wire_kohm *= ohms;
      row.sampling_kohm *= ohms;
      const double time_ns = ohms > 0.0 ? 50.0 : 1e-6;
      const std::vector<NetworkStep> steps{{time_ns, true, false}, {time_ns, true, true}};
      for (const double weight : read_weights(row, steps))
        CHECK(weight == Approx(6.0 / (5 * 6.8 + 25.0)).epsilon(1e-9));
    }
  }
}

TEST_CASE("charge is neither made nor lost, through any switches") {
  const RowNetwork row = row_of(9, false);
  RowCharges charges{{1, 2, 3, 4, 5, 6, 7, 8, 9}, {9, 8, 7, 6, 5, 4, 3, 2, 1}, 10.0};
  const auto sum = [&] {
    return std::accumulate(charges.cells.begin(), charges.cells.end(), 0.0) +
           std::accumulate(charges.nodes.begin(), charges.nodes.end(), 0.0) + charges.sampled;
  };
  for (const NetworkStep& step : {NetworkStep{0.01, true, false}, {0.02, false, true}, {0.3, true, true}}) {
    flow(row, step, charges);
    CHECK(sum() == Approx(100.0).epsilon(1e-10));
  }
}

TEST_CASE("time constants from femtoseconds to seconds in one row cost no accuracy") {
  RowNetwork row = row_of(4, false);
  row.switch_kohm = 1e6;  // 6 us
  row.wire_kohm = 1e-9;   // as good as none
  row.sampling_ff = 0.0;
  for (const double time_ns : {1e-3, 1.0, 1e3, 1e6}) {
    const double tau_ns = 1e-3 * 1e6 / 4 * (24.0 * 3.2 / 27.2);
    const double weight = 6.0 / 27.2 * (1.0 - std::exp(-time_ns / tau_ns));
    const std::vector<NetworkStep> steps{{time_ns, true, false}};
    for (const double found : read_weights(row, steps)) CHECK(found == Approx(weight).epsilon(1e-7).margin(1e-12));
  }
}

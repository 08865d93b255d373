// SPDX-License-Identifier: Apache-2.0
#include "kernels/decision.h"

#include <cmath>

#include "kernels/circuit_figures.h"
#include "kernels/random_readout.h"
#include "support/catch.h"

using namespace capcam;

namespace {

Config hurried(const char* kind, std::uint32_t conversion_cycles) {
  Config config;
  config.sensing.kind = kind;
  config.sensing.conversion_cycles = conversion_cycles;
  config.sensing.circuit.settling = true;
  config.sensing.circuit.switch_resistance_kohm = 0.01;
  config.sensing.circuit.regeneration_ps = 20.0;
  return config;
}

double decision_of(const Config& config) { return decision_ns(config, *make_converter(config.sensing)); }
double undecided_of(const Config& config) { return undecided_v(config, *make_converter(config.sensing)); }

}  // namespace

TEST_CASE("a SAR decides bit after bit, a flash in a cycle, a ramp in a step; half of it is regeneration") {
  CHECK(decision_of(hurried("sar", 2)) == Approx(2.0 / 6.0 / 2.0));
  CHECK(decision_of(hurried("sar", 4)) == Approx(4.0 / 6.0 / 2.0));
  CHECK(decision_of(hurried("flash", 4)) == Approx(0.5));
  CHECK(decision_of(hurried("time_domain", 4)) == Approx(2.0));
  Config ramp = hurried("ramp", 4);
  ramp.sensing.ramp_step_cycles = 3;
  ramp.clock.frequency_ghz = 2.0;
  CHECK(decision_of(ramp) == Approx(0.75));
}

TEST_CASE("what a latch has not amplified to the supply is V exp(-t / tau): a noise, less by e for every tau") {
  Config config = hurried("sar", 1);
  CHECK(undecided_of(config) == Approx(std::exp(-1.0 / 12.0 / 0.020)));
  const double one = undecided_of(config);
  config.clock.frequency_ghz = 1.0 / (1.0 + 12.0 * 0.020);  // one tau more
  CHECK(undecided_of(config) == Approx(one / std::exp(1.0)));
  config.sensing.bits = 4;  // fewer decisions, more time for each
  CHECK(undecided_of(config) < 0.2 * one);
  config = hurried("sar", 1);
  config.sensing.circuit.supply_v = 0.7;  // half of the overdrive: a latch twice as slow
  CHECK(undecided_of(config) == Approx(0.7 * std::exp(-1.0 / 12.0 / 0.040)));
  config.sensing.circuit.settling = false;
  CHECK(undecided_of(config) == 0.0);
  CHECK_FALSE(RandomReadout::needed(config));
}

TEST_CASE("a conversion that is too short is noise of the code and stands in the figures, with the time it needs") {
  const Config config = hurried("sar", 1);
  REQUIRE(RandomReadout::needed(config));
  const RandomReadout readout(config, {64, 64});
  const double expected = 64.0 * std::exp(-1.0 / 12.0 / 0.020);  // of an LSB of 1 V / 64
  CHECK(readout.segment(0).deviation(10) == Approx(expected));
  const CircuitFigures figures = *circuit_figures(config);
  const auto& decision = figures.phases.back();
  CHECK(decision.name == "decision");
  CHECK(decision.needed_ns == Approx(0.020 * std::log(128.0)));
  CHECK(decision.available_ns == Approx(1.0 / 12.0));
  // Where the time is just enough, half an LSB is undecided.
  Config enough = config;
  enough.clock.frequency_ghz = decision.available_ns / decision.needed_ns;
  CHECK(RandomReadout(enough, {64, 64}).segment(0).deviation(10) == Approx(0.5));
  // Two bits more in the same time: each decision is shorter and has to be four times as fine.
  Config fine = config;
  fine.sensing.bits = 8;
  CHECK(circuit_figures(fine)->rms_lsb > 4.0 * figures.rms_lsb);
}

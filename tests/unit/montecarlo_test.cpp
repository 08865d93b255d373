// SPDX-License-Identifier: Apache-2.0
#include "studies/montecarlo/montecarlo.h"

#include <cmath>

#include "capcam/read_config.h"
#include "cost/circuit_cards.h"
#include "kernels/circuit_figures.h"
#include "kernels/matchline.h"
#include "support/catch.h"
#include "support/places.h"

using namespace capcam;
using namespace capcam::montecarlo;
using capcam::testing::source_dir;

namespace {

Request of(const CircuitParams& circuit) {
  Request request;
  request.config.sensing.circuit = circuit;
  request.instances = 40;
  request.searches = 100;
  request.conditions = {{}};
  return request;
}

bool never() { return false; }

}  // namespace

TEST_CASE("an ideal circuit has no error and no wrong code") {
  const Figures f = sense(of({}), never).figures;
  CHECK(f.rows == 40 * 16 * 100);
  CHECK(f.mean_absolute_lsb < 1e-5);
  CHECK(f.wrong_codes == 0.0);
  CHECK(switch_off_one_at_a_time(of({}), never).empty());
}

TEST_CASE("a gain error of 10 % is 3.2 LSB in the mean and 6.4 at most, when every match count comes as often") {
  CircuitParams circuit;
  Request request = of(circuit);
  request.conditions = {{Corner::tt, 25.0, 0.0}, {Corner::tt, 25.0, 0.1}};
  const Outcome outcome = sense(request, never);
  CHECK(outcome.by_condition[0].mean_absolute_lsb < 1e-5);
  CHECK(outcome.by_condition[1].mean_lsb == Approx(3.2).epsilon(0.02));  // 64000 uniform draws: 5 sigma are 0.04
  CHECK(outcome.by_condition[1].largest_lsb == Approx(6.4).epsilon(1e-3));
  CHECK(outcome.figures.mean_lsb == Approx(outcome.by_condition[1].mean_lsb / 2.0).epsilon(1e-9));
  CHECK(outcome.by_condition[1].percent_of_full_scale ==
        Approx(outcome.by_condition[1].mean_absolute_lsb / 64.0 * 100.0));
}

TEST_CASE("mismatch over arrays has the variance of its closed form, averaged over the match counts") {
  CircuitParams circuit;
  circuit.cell_capacitance_ff = 1.0;
  circuit.matching_coefficient = 0.05;
  Request request = of(circuit);
  request.instances = 400;
  // Mean over m = 0..d of s^2 m (d - m) / d LSB^2: one LSB is one match.
  double variance = 0.0;
  for (int m = 0; m <= 64; ++m) variance += 0.05 * 0.05 * m * (64.0 - m) / 64.0 / 65.0;
  CHECK(sense(request, never).figures.deviation_lsb == Approx(std::sqrt(variance)).epsilon(0.03));
}

TEST_CASE("the dominant error comes first in the switch-off table, and without the only error none is left") {
  constexpr double lsb_mv = 1e3 / 64.0;  // of 1 V in 6 bits
  CircuitParams circuit;
  circuit.offset_mismatch_mv = 2.0 * lsb_mv;
  CHECK(switch_off_one_at_a_time(of(circuit), never).front().figures.mean_absolute_lsb < 1e-5);
  circuit.comparator_noise_mv = 0.1 * lsb_mv;
  const std::vector<Without> table = switch_off_one_at_a_time(of(circuit), never);
  REQUIRE(table.size() == 2);
  CHECK(table[0].contributor == "offset mismatch");
  CHECK(table[0].figures.mean_absolute_lsb == Approx(0.1 * std::sqrt(2.0 / 3.14159265)).epsilon(0.03));
  // 640 converters: 5 standard deviations of the mean of |z| are 12 %.
  CHECK(table[1].figures.mean_absolute_lsb == Approx(2.0 * std::sqrt(2.0 / 3.14159265)).epsilon(0.12));
}

TEST_CASE("the histogram counts every row once") {
  CircuitParams circuit;
  circuit.comparator_noise_mv = 100.0;  // some beyond the last bin
  const Outcome outcome = sense(of(circuit), never);
  std::uint64_t sum = 0;
  for (const std::uint64_t count : outcome.histogram.counts) sum += count;
  CHECK(sum == outcome.figures.rows);
  CHECK(outcome.histogram.counts.front() > 0);
}

namespace {

Request pvt_of_kind(const std::string& kind) {
  const Config config = read_config(source_dir() / "configs/pvt.toml", {"sensing.kind=" + kind});
  Request request = of({});
  request.config = with_circuit_cards(config, read_cards(config));
  return request;
}
CircuitParams shipped_pvt() { return pvt_of_kind("sar").config.sensing.circuit; }

double mean_lsb(const Request& request) { return sense(request, never).figures.mean_absolute_lsb; }

}  // namespace

TEST_CASE("parasitic capacitance costs what it takes of full scale: 72 times the offset at 100 pF, not nothing") {
  CircuitParams circuit;
  circuit.offset_mismatch_mv = 0.02;
  const double before = mean_lsb(of(circuit));
  circuit.matchline_capacitance_ff = 1e5;
  CHECK(mean_lsb(of(circuit)) == Approx(before * 101408.0 / 1408.0).epsilon(1e-3));
}

TEST_CASE("a supply a quarter as high costs four times the offset, and two bits more cost four times the LSB") {
  CircuitParams circuit;
  circuit.comparator_noise_mv = 0.5;
  circuit.supply_v = 1.2;
  const double before = mean_lsb(of(circuit));
  circuit.supply_v = 0.3;
  CHECK(mean_lsb(of(circuit)) == Approx(4.0 * before).epsilon(1e-3));
  circuit.supply_v = 1.2;
  Request fine = of(circuit);
  fine.config.sensing.bits = 8;
  CHECK(mean_lsb(fine) == Approx(4.0 * before).epsilon(1e-3));
  const Figures f = sense(fine, never).figures;
  CHECK(f.effective_bits == Approx(8.0 - 0.5 * std::log2(1.0 + 12.0 * f.deviation_lsb * f.deviation_lsb)).margin(1e-6));
}

TEST_CASE("time is not free: conversions before a row's own make it leak, by their number, cycles and the clock") {
  CircuitParams circuit;
  circuit.leakage_pa = 100.0;
  circuit.cell_capacitance_ff = 22.0;
  Request request = of(circuit);
  request.config.sensing.rows_per_converter = 16;
  // Rows of one converter wait 0 to 15 conversions of 2 ns and take one themselves: 17 ns and half a search on average.
  const double per_ns = 100e-6 / 22.0 * 64.0;  // LSB
  const auto droop = [&] { return -sense(request, never).figures.mean_lsb; };
  CHECK(droop() == Approx(17.5 * per_ns).epsilon(0.02));
  request.config.clock.frequency_ghz = 0.5;
  CHECK(droop() == Approx(2.0 * 17.5 * per_ns).epsilon(0.02));
  request.config.clock.frequency_ghz = 1.0;
  request.config.sensing.conversion_cycles = 20;
  CHECK(droop() == Approx((17.0 * 10.0 + 0.5) * per_ns).epsilon(0.02));
  request.config.sensing.rows_per_converter = 1;
  request.config.sensing.conversion_cycles = 60000;
  CHECK(droop() > 10.0);
}

TEST_CASE("a fast clock leaves cells unsettled, by what their time constant says") {
  CircuitParams circuit;
  circuit.settling = true;
  circuit.switch_resistance_kohm = 2.0;  // 44 ps
  Request request = of(circuit);
  const auto error = [&](double frequency_ghz) {
    request.config.clock.frequency_ghz = frequency_ghz;
    return mean_lsb(request);
  };
  // Of a cell that does not match e^{-t / tau} is left, and as much is missing of one that does: |64 q (1 - 2 x)| over
  // x.
  const auto expected = [](double frequency_ghz) { return 64.0 * std::exp(-0.25 / frequency_ghz / 0.044) * 0.5; };
  CHECK(error(1.0) == Approx(expected(1.0)).epsilon(0.05));
  CHECK(error(1.4) == Approx(expected(1.4)).epsilon(0.05));
  CHECK(error(0.25) < 1e-4);
  circuit.switch_resistance_kohm = 1e6;  // the cells have not moved, though C_p is 0
  CHECK(mean_lsb(of(circuit)) > 20.0);
}

TEST_CASE("4096 rows in one cycle are too many for a search line") {
  CircuitParams circuit;
  circuit.settling = true;
  circuit.switch_resistance_kohm = 0.1;
  circuit.search_line_ff_per_row = 0.9;
  circuit.search_line_ohm_per_row = 5.0;
  Request request = of(circuit);
  request.instances = 1;
  request.searches = 4;
  CHECK(mean_lsb(request) < 0.01);
  request.config.array.rows = 4096;
  CHECK(mean_lsb(request) > 10.0);
  request.config.array.search_cycles = 1024;
  CHECK(mean_lsb(request) < 0.01);
}

TEST_CASE("no error of the shipped circuit hides another: without any one of them the rest is no larger") {
  for (const Condition& condition :
       {Condition{}, Condition{Corner::ff, 125.0, -0.1}, Condition{Corner::ss, -40.0, 0.1}}) {
    Request request = of(shipped_pvt());
    request.instances = 100;
    request.searches = 20;
    request.conditions = {condition};
    const double all = mean_lsb(request);
    for (const Without& without : switch_off_one_at_a_time(request, never)) {
      CAPTURE(without.contributor, all);
      if (without.contributor == "corner" || without.contributor == "temperature" || without.contributor == "supply")
        continue;  // conditions, not errors: cold is kinder to leakage, hot to nothing
      CHECK(without.figures.mean_absolute_lsb < 1.02 * all);
    }
  }
}

TEST_CASE("the figures that check prints are those that drawing gives: every contributor, and the effective bits") {
  const auto [kind, cycles] = GENERATE(table<const char*, std::uint32_t>(
      {{"sar", 1}, {"flash", 1}, {"ramp", 1}, {"time_domain", 1}, {"time_domain", 2}, {"time_domain", 4}}));
  CAPTURE(kind, cycles);
  Request request = pvt_of_kind(kind);
  request.config.array.search_cycles = cycles;
  request.instances = 400;
  request.searches = 50;
  const Figures drawn = sense(request, never).figures;
  const std::optional<CircuitFigures> figures = circuit_figures(request.config);
  REQUIRE(figures);
  CHECK(std::hypot(drawn.mean_lsb, drawn.deviation_lsb) == Approx(figures->rms_lsb).epsilon(0.05));
  CHECK(drawn.effective_bits == Approx(figures->effective_bits).margin(0.1));
}

TEST_CASE(
    "a time-domain array that is timed by a clock is worse than shared charge by far, one with a replica is not") {
  Request charge = of(shipped_pvt());
  charge.conditions.clear();
  for (const Corner corner : {Corner::tt, Corner::ss, Corner::ff}) {
    for (const double temperature : {-40.0, 25.0, 125.0}) {
      for (const double supply : {-0.1, 0.0, 0.1}) charge.conditions.push_back({corner, temperature, supply});
    }
  }
  charge.instances = 20;
  charge.searches = 10;
  Request time = charge;
  time.config = pvt_of_kind("time_domain").config;
  time.config.array.search_cycles = 4;  // the time that its slowest edges need
  const double replica = mean_lsb(time);
  time.config.sensing.circuit.reference_follows_supply = false;
  CHECK(mean_lsb(time) > 5.0 * mean_lsb(charge));
  CHECK(replica < 0.2 * mean_lsb(time));
}

TEST_CASE("a published cycle is too short for a time-domain search of 64 cells, and a late edge is an error") {
  Request request = pvt_of_kind("time_domain");
  const auto error = [&](std::uint32_t cycles) {
    request.config.array.search_cycles = cycles;
    return mean_lsb(request);
  };
  CHECK(error(1) > 10.0);
  // 1.5 ns for 64 x 27.3 ps: rows with fewer than 16.5 matches read alike, which are off by 16.5^2 / 2 / 65 on average.
  CHECK(error(2) - 0.75 * error(3) == Approx(2.1).margin(0.3));
  CHECK(error(3) < 1.2);
  CHECK(error(60) == error(3));
}

TEST_CASE("a conversion in one cycle instead of two costs what its comparators have not decided") {
  Request request = of(shipped_pvt());
  request.conditions = {{}};
  const double usual = mean_lsb(request);
  request.config.sensing.conversion_cycles = 1;
  CHECK(mean_lsb(request) > 1.01 * usual);
  request.config.sensing.bits = 8;
  const auto eight = [&](std::uint32_t cycles) {
    request.config.sensing.conversion_cycles = cycles;
    return mean_lsb(request);
  };
  CHECK(eight(1) > 1.5 * eight(4));
  CHECK(eight(8) == Approx(eight(4)).epsilon(0.01));
}

TEST_CASE("a flash whose comparators are off errs in its codes: the offset of every one of them") {
  CircuitParams circuit;
  circuit.offset_mismatch_mv = 4.0;
  Request request = of(circuit);
  request.config.sensing.kind = "flash";
  const Figures flash = sense(request, never).figures;
  CHECK(flash.deviation_lsb == Approx(4.0 / 15.625).epsilon(0.03));
  CHECK(std::abs(flash.mean_lsb) < 0.01);  // 40 x 16 x 63 draws, where a SAR has 40 x 16
  CHECK(flash.wrong_codes > 0.0);
}

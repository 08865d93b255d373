// SPDX-License-Identifier: Apache-2.0
#include "studies/montecarlo/montecarlo.h"

#include <cmath>

#include "kernels/matchline.h"
#include "support/catch.h"

using namespace capcam;
using namespace capcam::montecarlo;

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
  CircuitParams circuit;
  circuit.offset_lsb = 2.0;
  CHECK(switch_off_one_at_a_time(of(circuit), never).front().figures.mean_absolute_lsb < 1e-5);
  circuit.comparator_noise_lsb = 0.1;
  const std::vector<Without> table = switch_off_one_at_a_time(of(circuit), never);
  REQUIRE(table.size() == 2);
  CHECK(table[0].contributor == "offset");
  CHECK(table[0].figures.mean_absolute_lsb == Approx(0.1 * std::sqrt(2.0 / 3.14159265)).epsilon(0.03));
  CHECK(table[1].figures.mean_absolute_lsb == Approx(2.0).epsilon(1e-3));
}

TEST_CASE("the histogram counts every row once") {
  CircuitParams circuit;
  circuit.comparator_noise_lsb = 6.0;  // some beyond the last bin
  const Outcome outcome = sense(of(circuit), never);
  std::uint64_t sum = 0;
  for (const std::uint64_t count : outcome.histogram.counts) sum += count;
  CHECK(sum == outcome.figures.rows);
  CHECK(outcome.histogram.counts.front() > 0);
}

// SPDX-License-Identifier: Apache-2.0
#include "config/conditions.h"

#include <cmath>

#include "support/catch.h"

using namespace capcam;

TEST_CASE("at typical transistors, 25 degC and the nominal supply nothing changes") {
  CircuitParams c;
  c.leakage_pa = 3.0;
  c.injected_charge_fc = 0.5;
  c.switch_resistance_kohm = 10.0;
  CHECK(actual_supply_v(c) == 1.0);
  CHECK(actual_leakage_pa(c) == 3.0);
  CHECK(actual_injection_fc(c) == 0.5);
  CHECK(actual_resistance_kohm(c) == 10.0);
  CHECK(relative_delay(c) == 1.0);
}

TEST_CASE("leakage doubles every 10 degC and grows by e for a threshold lower by 1.5 kT/q") {
  CircuitParams c;
  c.leakage_pa = 1.0;
  c.temperature_c = 55.0;
  CHECK(actual_leakage_pa(c) == Approx(8.0));
  c.temperature_c = 25.0;
  c.corner = Corner::ff;
  c.corner_threshold_mv = 1.5 * 25.693;  // kT/q at 298.15 K
  CHECK(actual_leakage_pa(c) == Approx(std::exp(1.0)).epsilon(1e-4));
  c.corner = Corner::fs;  // the n-channel ones leak
  CHECK(actual_leakage_pa(c) == Approx(std::exp(1.0)).epsilon(1e-4));
  c.corner = Corner::ss;
  CHECK(actual_leakage_pa(c) == Approx(std::exp(-1.0)).epsilon(1e-4));
}

TEST_CASE("switches of a slow corner or a low supply resist more and inject less, by their overdrive") {
  CircuitParams c;
  c.injected_charge_fc = 1.0;
  c.switch_resistance_kohm = 1.0;
  c.corner = Corner::ss;
  c.corner_threshold_mv = 60.0;  // 0.6 V of overdrive become 0.54 V
  CHECK(actual_injection_fc(c) == Approx(0.9));
  CHECK(actual_resistance_kohm(c) == Approx(1.0 / 0.9));
  c.corner = Corner::tt;
  c.supply_error = -0.1;  // 0.5 V
  CHECK(actual_injection_fc(c) == Approx(5.0 / 6.0));
}

TEST_CASE("delays follow the alpha-power law of the supply, corners of opposite transistors nearly cancel") {
  CircuitParams c;
  c.supply_error = -0.1;
  CHECK(relative_delay(c) == Approx(0.9 * std::pow(0.6 / 0.5, 1.3)));
  c.supply_error = 0.0;
  c.corner = Corner::sf;
  CHECK(relative_delay(c) == Approx(1.0));
  c.corner = Corner::ss;
  CHECK(relative_delay(c) == Approx(std::pow(0.6 / 0.57, 1.3)));
  c.corner = Corner::ff;
  CHECK(relative_delay(c) < 1.0);
}

TEST_CASE("a supply that leaves less than 50 mV of overdrive is said to turn nothing on") {
  CircuitParams c;
  CHECK(switches_turn_on(c));
  c.supply_v = 0.5;
  c.supply_error = -0.08;
  CHECK(switches_turn_on(c));
  c.corner = Corner::ss;
  CHECK_FALSE(switches_turn_on(c));
}

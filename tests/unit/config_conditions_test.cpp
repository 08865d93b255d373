// SPDX-License-Identifier: Apache-2.0
#include "config/conditions.h"

#include <cmath>
#include <tuple>

#include "support/catch.h"

using namespace capcam;

TEST_CASE("at typical transistors, 25 degC and the nominal supply nothing changes") {
  CircuitParams c;
  c.leakage_pa = 3.0;
  c.injected_charge_fc = 0.5;
  CHECK(actual_supply_v(c) == 1.0);
  CHECK(actual_leakage_pa(c) == Approx(3.0));
  CHECK(actual_injection_fc(c, 64) == 0.5);
  for (const Channel channel : {Channel::n, Channel::p, Channel::both})
    CHECK(actual_resistance_kohm(c, 10.0, channel) == 10.0);
  CHECK(relative_delay(c) == 1.0);
}

TEST_CASE("leakage grows by e for a threshold lower by 1.5 kT/q or a supply higher by ten times that") {
  CircuitParams c;
  c.leakage_pa = 1.0;
  c.corner = Corner::ff;
  c.corner_threshold_mv = 1.5 * 25.693;  // kT/q at 298.15 K
  CHECK(actual_leakage_pa(c) == Approx(std::exp(1.0)).epsilon(1e-4));
  for (const Corner corner :
       {Corner::fs, Corner::sf}) {  // one of a cell's two open switches leaks more, the other less
    c.corner = corner;
    CHECK(actual_leakage_pa(c) == Approx(std::cosh(1.0)).epsilon(1e-4));
  }
  c.corner = Corner::ss;
  CHECK(actual_leakage_pa(c) == Approx(std::exp(-1.0)).epsilon(1e-4));
  c.corner = Corner::tt;
  c.supply_error = 10.0 * 1.5 * 0.025693;
  CHECK(actual_leakage_pa(c) == Approx(std::exp(1.0)).epsilon(1e-4));
}

TEST_CASE("leakage grows with temperature and falls to nothing when cold, at every corner") {
  CircuitParams c;
  c.leakage_pa = 1.0;
  for (const Choice<Corner>& corner : corners) {
    c.corner = corner.value;
    double before = 0.0;
    for (c.temperature_c = -100.0; c.temperature_c <= 200.0; c.temperature_c += 5.0) {
      CHECK(actual_leakage_pa(c) > before);
      before = actual_leakage_pa(c);
    }
    c.temperature_c = -100.0;
    CHECK(actual_leakage_pa(c) < 1e-3);
    c.temperature_c = -269.0;  // no configuration may say this; the equation holds its direction
    CHECK(actual_leakage_pa(c) < 1e-50);
  }
  c.corner = Corner::tt;
  c.temperature_c = 125.0;
  // By hand: (398.15 / 298.15)^2 exp(0.4 / 0.038539 - 0.32 / 0.051465)
  CHECK(actual_leakage_pa(c) == Approx(1.7833 * std::exp(10.379 - 6.2178)).epsilon(0.01));
}

TEST_CASE("switches of a slow corner or a low supply resist more and inject less, by their overdrive") {
  CircuitParams c;
  c.injected_charge_fc = 1.0;
  c.corner = Corner::ss;
  c.corner_threshold_mv = 60.0;  // 0.6 V of overdrive become 0.54 V
  CHECK(actual_injection_fc(c, 64) == Approx(0.9));
  CHECK(actual_resistance_kohm(c, 1.0, Channel::both) == Approx(1.0 / 0.9));
  c.corner = Corner::tt;
  c.supply_error = -0.1;  // 0.5 V
  CHECK(actual_injection_fc(c, 64) == Approx(5.0 / 6.0));
  c.supply_error = 0.0;
  c.temperature_c = 125.0;  // thresholds are 80 mV lower, mobility is lower by (398.15 / 298.15)^1.5
  CHECK(actual_resistance_kohm(c, 1.0, Channel::n) == Approx(std::pow(398.15 / 298.15, 1.5) * 0.6 / 0.68));
}

TEST_CASE("at mixed corners each kind of transistor resists by its own threshold, a transmission gate as before") {
  CircuitParams c;
  c.corner_threshold_mv = 60.0;
  for (const auto& [corner, n, p] : {std::tuple{Corner::sf, 0.9, 1.1}, std::tuple{Corner::fs, 1.1, 0.9},
                                     std::tuple{Corner::ss, 0.9, 0.9}, std::tuple{Corner::ff, 1.1, 1.1}}) {
    c.corner = corner;
    CHECK(actual_resistance_kohm(c, 1.0, Channel::n) == Approx(1.0 / n));
    CHECK(actual_resistance_kohm(c, 1.0, Channel::p) == Approx(1.0 / p));
    CHECK(actual_resistance_kohm(c, 1.0, Channel::both) == Approx(2.0 / (n + p)));
  }
}

TEST_CASE("a switch's resistance says its width, and width what it leaks and injects") {
  CircuitParams c;
  c.switch_kohm_um = 1.2;
  c.switch_resistance_kohm = 2.0;    // 0.6 um
  c.sampling_resistance_kohm = 0.3;  // 4 um
  c.switch_leakage_pa_per_um = 50.0;
  c.switch_charge_mismatch_fc = 0.01;
  CHECK(switch_width_um(c) == Approx(0.6));
  CHECK(sampling_switch_width_um(c) == Approx(4.0));
  CHECK(actual_leakage_pa(c) == Approx(2.0 * 0.6 * 50.0));
  CHECK(actual_sampling_leakage_pa(c) == Approx(4.0 * 50.0));
  CHECK(actual_injection_fc(c, 64) == Approx(0.01 * std::sqrt(0.6 * 64.0)));
  CHECK(actual_sampling_injection_fc(c, 64) == Approx(0.5 * 0.01 * std::sqrt(4.0)));
  const double leakage = actual_leakage_pa(c), injection = actual_injection_fc(c, 64);
  c.switch_resistance_kohm = 0.5;  // four times as wide
  CHECK(actual_leakage_pa(c) == Approx(4.0 * leakage));
  CHECK(actual_injection_fc(c, 64) == Approx(2.0 * injection));
  c.leakage_pa = 7.0;  // given, they hold, and the sampling switch follows by the ratio of widths
  c.injected_charge_fc = 0.8;
  CHECK(actual_leakage_pa(c) == Approx(7.0));
  CHECK(actual_sampling_leakage_pa(c) == Approx(3.5 * 0.5 / 0.3));
  CHECK(actual_injection_fc(c, 64) == Approx(0.8));
  CHECK(actual_sampling_injection_fc(c, 64) == Approx(0.5 * 0.1 * std::sqrt(0.5 / 0.3)));
}

TEST_CASE("a delay is C V / (2 I): in proportion to its load, and the supply is not free") {
  CircuitParams c;
  CHECK(delay_ps(c, 1.2) == Approx(15.0));  // 1.2 fF, 40 uA, 1 V
  CHECK(delay_ps(c, 2.4) == Approx(30.0));
  c.drive_current_ua = 80.0;
  CHECK(delay_ps(c, 1.2) == Approx(7.5));
  CHECK(typical_delay_ps(c, 1.2) == Approx(7.5));
  // The key holds at 1 V: another supply is another delay, by V / (V - V_th)^1.3.
  c.supply_v = 0.7;
  CHECK(delay_ps(c, 1.2) == Approx(7.5 * 0.7 * std::pow(0.6 / 0.3, 1.3)));
  CHECK(typical_delay_ps(c, 1.2) == Approx(7.5));
  CHECK(relative_delay(c) == 1.0);  // its own nominal supply
  CHECK(delay_ps(nominal(c), 1.2) == delay_ps(c, 1.2));
  c.temperature_c = 125.0;  // 80 mV less of threshold, mobility lower by (398.15 / 298.15)^1.5
  CHECK(delay_ps(c, 1.2) == Approx(7.5 * 0.7 * std::pow(0.6 / 0.38, 1.3) * std::pow(398.15 / 298.15, 1.5)));
  CHECK(delay_ps(nominal(c), 1.2) == Approx(7.5 * 0.7 * std::pow(0.6 / 0.3, 1.3)));
}

TEST_CASE("an edge's jitter is kT / C over its slope and the noise of its current, and grows as sqrt(C)") {
  CircuitParams c;
  c.temperature_c = 26.85;  // 300 K
  // By hand: sqrt(1.381e-23 x 300 x 1.2e-15 (1 + 4/3 / 0.6)) = 4.02e-18 C, over 40 uA.
  CHECK(jitter_ps(c, 1.2) == Approx(0.1005).epsilon(0.01));
  CHECK(jitter_ps(c, 4.8) == Approx(2.0 * jitter_ps(c, 1.2)));
  const double before = jitter_ps(c, 1.2);
  c.drive_current_ua = 80.0;
  CHECK(jitter_ps(c, 1.2) == Approx(0.5 * before));
  CHECK(jitter_ps(c, 0.0) == 0.0);
}

TEST_CASE("a cell's delay spreads by 1.3 times its threshold's spread over the overdrive, more at a low supply") {
  CircuitParams c;
  c.threshold_mismatch_mv = 12.0;
  CHECK(delay_sigma(c) == Approx(1.3 * 0.012 / 0.6));
  c.supply_error = -0.3;
  CHECK(delay_sigma(c) == Approx(1.3 * 0.012 / 0.3));
  c.drive_current_ua = 160.0;  // a transistor four times as wide
  CHECK(delay_sigma(c) == Approx(1.3 * 0.006 / 0.3));
  c.drive_current_ua = 10.0;  // there is none narrower
  CHECK(delay_sigma(c) == Approx(1.3 * 0.012 / 0.3));
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
  for (const Corner corner : {Corner::ss, Corner::sf, Corner::fs}) {  // one kind that is off is enough
    c.corner = corner;
    CHECK_FALSE(switches_turn_on(c));
  }
}

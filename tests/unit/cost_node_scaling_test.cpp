// SPDX-License-Identifier: Apache-2.0
#include "cost/cards/node_scaling.h"

#include <cmath>

#include "capcam/error.h"
#include "support/catch.h"

using namespace capcam;

TEST_CASE("the published erratum's example comes out: 1 pJ at 65 nm, 1.3 V is 0.1755 pJ at 32 nm, 0.9 V") {
  CHECK(energy_factor({65, 1.3}) == Approx(2.604).epsilon(5e-4));
  CHECK(energy_factor({32, 0.9}) == Approx(0.4571).epsilon(5e-4));
  CHECK(energy_factor({32, 0.9}) / energy_factor({65, 1.3}) == Approx(0.1755).epsilon(5e-4));
}

TEST_CASE("energy and delay factors at 1 V are those of the polynomials worked out by hand") {
  CHECK(energy_factor({65, 1.0}) == Approx(3.755 - 4.398 + 1.975));
  CHECK(energy_factor({45, 1.0}) == Approx(1.018 - 0.3107 + 0.1539));
  CHECK(energy_factor({20, 1.0}) == Approx(0.373 - 0.1582 + 0.04104));
  CHECK(energy_factor({180, 1.8}) == Approx(24.64 * 1.8 - 17.98));
  CHECK(delay_factor({65, 1.0}) == Approx(-53.3 + 230.4 - 333.9 + 178.6));
  CHECK(delay_factor({20, 1.0}) == Approx(34.63 - 66.37 + 41.15));
}

TEST_CASE("areas scale as published, to the digits that are printed") {
  struct Pair {
    double from, to, printed;
  };
  // Values agree to the last digit of the published table, in the row of 65 nm and in pairs beyond it.
  for (const Pair& pair : {Pair{65, 45, 0.66}, Pair{65, 32, 0.31}, Pair{65, 7, 0.039}, Pair{180, 65, 0.08},
                           Pair{45, 32, 0.46}, Pair{32, 20, 0.46}, Pair{90, 45, 0.35}, Pair{32, 65, 3.3},
                           Pair{130, 7, 0.0092}, Pair{20, 7, 0.28}, Pair{14, 10, 0.59}}) {
    INFO(pair.from << " to " << pair.to);
    CHECK(area_factor(pair.to) / area_factor(pair.from) == Approx(pair.printed).epsilon(0.05));
  }
}

TEST_CASE("28 and 40 nm lie between their neighbours, on the line through the logarithms") {
  for (const double supply : {0.9, 1.0}) {
    const double share = std::log(28.0 / 32.0) / std::log(20.0 / 32.0);
    const double expected =
        std::pow(energy_factor({32, supply}), 1 - share) * std::pow(energy_factor({20, supply}), share);
    CHECK(energy_factor({28, supply}) == Approx(expected));
    CHECK(energy_factor({40, supply}) < energy_factor({45, supply}));
    CHECK(energy_factor({40, supply}) > energy_factor({32, supply}));
  }
  CHECK(area_factor(28) == Approx(0.25).epsilon(0.02));  // the rough values of other derivations
  CHECK(area_factor(40) == Approx(0.52).epsilon(0.03));
  CHECK(extrapolation(28).empty());
  CHECK(extrapolation(40).empty());
}

TEST_CASE("a node outside the table is said to be extrapolated") {
  CHECK_THAT(extrapolation(5), ContainsSubstring("5 nm is extrapolated from 10 and 7 nm"));
  CHECK_THAT(extrapolation(250), ContainsSubstring("250 nm is extrapolated from 180 and 130 nm"));
  CHECK(extrapolation(7).empty());
  CHECK(extrapolation(180).empty());
  CHECK(energy_factor({5, 0.7}) < energy_factor({7, 0.7}));
}

TEST_CASE("at one node energy goes as the square of the supply, from 0.3 to 1.3 V") {
  for (const double node : {180.0, 65.0, 28.0, 7.0}) {
    for (const double supply : {0.3, 0.7, 1.3})
      CHECK(energy_ratio({node, 1.0}, {node, supply}) == Approx(supply * supply));
  }
}

TEST_CASE("between nodes at their nominal supplies the published factors hold") {
  // 65 nm at 1.1 V: 3.755 x 1.21 - 4.398 x 1.1 + 1.975; 45 nm at 1.0 V: 1.018 - 0.3107 + 0.1539.
  const double published = (1.018 - 0.3107 + 0.1539) / (3.755 * 1.21 - 4.398 * 1.1 + 1.975);
  CHECK(energy_ratio({65, 1.1}, {45, 1.0}) == Approx(published));
  CHECK(energy_ratio({65, 1.1}, {28, 0.9}) * energy_ratio({28, 0.9}, {65, 1.1}) == Approx(1.0));
}

TEST_CASE("gates are as fast as their node's published delay, and slower at a lower supply by the alpha-power law") {
  CHECK(gate_delay_ps({65, 1.1}) == Approx(-53.3 * 1.331 + 230.4 * 1.21 - 333.9 * 1.1 + 178.6));
  // The rule of thumb 360 ps per micron of drawn length is 23 ps at 65 nm and 65 ps at 180 nm.
  CHECK(gate_delay_ps({65, 1.1}) == Approx(23).epsilon(0.25));
  CHECK(gate_delay_ps({180, 1.8}) == Approx(65).epsilon(0.25));
  CHECK(gate_delay_ps({65, 0.6}) / gate_delay_ps({65, 1.1}) ==
        Approx((0.6 / std::pow(0.25, 1.3)) / (1.1 / std::pow(0.75, 1.3))));
  double before = 0.0;
  for (const double supply : {1.2, 1.0, 0.8, 0.6, 0.45}) {
    CHECK(gate_delay_ps({45, supply}) > before);
    before = gate_delay_ps({45, supply});
  }
}

TEST_CASE("leakage follows temperature, supply and corner, and is a card's own at its own conditions") {
  Technology at{28, 0.9};
  CHECK(leakage_ratio(0.9, 25.0, at) == Approx(1.0));
  at.conditions.temperature_c = 87.0;
  CHECK(leakage_ratio(0.9, 87.0, at) == Approx(1.0));
  const double hot = leakage_ratio(0.9, 25.0, at);
  CHECK(hot > 10.0);  // 62 K: the threshold falls by 50 mV and the slope by a fifth
  CHECK(hot < 50.0);
  at.conditions.temperature_c = 25.0;
  at.conditions.corner = Corner::ff;
  // A threshold lower by 30 mV at n kT / q = 38.5 mV.
  CHECK(leakage_ratio(0.9, 25.0, at) == Approx(std::exp(0.030 / (1.5 * 0.025693))).epsilon(1e-3));
  at.conditions.corner = Corner::tt;
  at.supply_v = 1.0;
  // Barrier lowering of 10 mV at 0.1 V, and the supply itself.
  CHECK(leakage_ratio(0.9, 25.0, at) == Approx(std::exp(0.010 / (1.5 * 0.025693)) / 0.9).epsilon(1e-3));
}

TEST_CASE("a supply at which the fit gives no energy is refused") {
  CHECK_THROWS_AS(energy_factor({180, 0.7}), InputError);  // 24.64 x 0.7 - 17.98 < 0
  CHECK_NOTHROW(energy_factor({180, 0.74}));
}

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
  CHECK(extrapolation({28, 0.9}).empty());
  CHECK(extrapolation({40, 1.0}).empty());
}

TEST_CASE("a node outside the table, or a supply below the fit's minimum, is said to be extrapolated") {
  CHECK_THAT(extrapolation({5, 0.7}), ContainsSubstring("5 nm is extrapolated from 10 and 7 nm"));
  CHECK_THAT(extrapolation({250, 2.5}), ContainsSubstring("250 nm is extrapolated from 180 and 130 nm"));
  CHECK(extrapolation({7, 0.7}).empty());
  CHECK(extrapolation({180, 1.8}).empty());
  // The energy polynomial of 65 nm has its minimum at 4.398 / (2 x 3.755) = 0.586 V.
  CHECK_THAT(extrapolation({65, 0.58}), ContainsSubstring("0.59 V"));
  CHECK(extrapolation({65, 0.6}).empty());
  CHECK(energy_factor({5, 0.7}) < energy_factor({7, 0.7}));
}

TEST_CASE("a supply at which the fit gives no energy is refused") {
  CHECK_THROWS_AS(energy_factor({180, 0.7}), InputError);  // 24.64 x 0.7 - 17.98 < 0
  CHECK_NOTHROW(energy_factor({180, 0.74}));
}

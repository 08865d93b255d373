// SPDX-License-Identifier: Apache-2.0
#include "kernels/converter_elements.h"

#include <cmath>
#include <random>

#include "kernels/converter_mismatch.h"
#include "support/catch.h"

using namespace capcam;

namespace {

// Standard deviations of every level over many converters.
std::vector<double> deviations(ConverterElements elements, double sigma, std::uint32_t bits, std::uint32_t converters) {
  std::mt19937 random(5);
  std::normal_distribution<double> normal;
  std::vector<double> squares((1u << bits) - 1, 0.0);
  for (std::uint32_t i = 0; i < converters; ++i) {
    const std::vector<double> errors =
        element_errors(elements, sigma, bits, [&](std::uint32_t) { return normal(random); });
    for (std::size_t k = 0; k < errors.size(); ++k) squares[k] += errors[k] * errors[k];
  }
  for (double& square : squares) square = std::sqrt(square / converters);
  return squares;
}

}  // namespace

TEST_CASE("k of 2^b unequal units are off by e sqrt(k (1 - k / 2^b)), binary or one after another") {
  constexpr std::uint32_t converters = 3000;
  for (const ConverterElements elements : {ConverterElements::binary, ConverterElements::unary}) {
    const std::vector<double> found = deviations(elements, 0.01, 6, converters);
    for (const std::uint32_t k : {1u, 7u, 32u, 50u, 63u})
      CHECK(found[k - 1] == Approx(0.01 * std::sqrt(k * (1.0 - k / 64.0))).epsilon(5.0 / std::sqrt(2.0 * converters)));
  }
}

TEST_CASE("elements of a sampling capacitor differ by Pelgrom's law: a quarter of the capacitor, twice the error") {
  SensingParams sensing;
  sensing.circuit.matching_coefficient = 0.0085;
  CHECK(element_sigma(*make_converter(sensing), sensing) == 0.0);  // no sampling capacitor is known
  sensing.circuit.matchline_capacitance_ff = 1000.0;               // of which the capacitor is a part
  sensing.circuit.sampling_capacitance_ff = 64.0;                  // elements of 1 fF
  CHECK(element_sigma(*make_converter(sensing), sensing) == Approx(0.0085));
  sensing.circuit.sampling_capacitance_ff = 16.0;
  CHECK(element_sigma(*make_converter(sensing), sensing) == Approx(0.017));
  sensing.circuit.element_mismatch = 0.003;
  CHECK(element_sigma(*make_converter(sensing), sensing) == 0.003);
  sensing.kind = "ideal";
  CHECK(element_sigma(*make_converter(sensing), sensing) == 0.0);
}

TEST_CASE("resistors of a ladder and currents of a ramp match as 1 fF does, delays as their cells") {
  SensingParams sensing;
  sensing.circuit.matching_coefficient = 0.0085;
  for (const char* kind : {"flash", "ramp"}) {
    sensing.kind = kind;
    CHECK(element_sigma(*make_converter(sensing), sensing) == 0.0085);
    CHECK(largest_inl_lsb(*make_converter(sensing), sensing) == Approx(0.0085 * 4.0));  // sqrt(64) / 2
  }
  sensing.kind = "time_domain";
  CHECK(element_sigma(*make_converter(sensing), sensing) == Approx(0.0085 / std::sqrt(1.2)));
  sensing.circuit.matching_coefficient = 0.0;
  sensing.circuit.threshold_mismatch_mv = 12.0;
  CHECK(element_sigma(*make_converter(sensing), sensing) == Approx(1.3 * 12.0 / 600.0));
}

TEST_CASE("the reference of a ramp is one for all rows of an array, a SAR's capacitors are each converter's own") {
  SensingParams sensing;
  sensing.circuit.element_mismatch = 0.01;
  for (const char* kind : {"ramp", "sar"}) {
    sensing.kind = kind;
    const ConverterMismatch array(sensing, 3, 0, 0, 4), other(sensing, 3, 0, 1, 4);
    const bool same = std::equal(array.thresholds(0), array.thresholds(0) + 65, array.thresholds(1));
    CHECK(same == (sensing.kind == "ramp"));
    CHECK_FALSE(std::equal(array.thresholds(0), array.thresholds(0) + 65, other.thresholds(0)));
  }
}

TEST_CASE("elements too unequal for the nearest threshold to decide make a sorted table") {
  SensingParams sensing;
  sensing.circuit.element_mismatch = 0.02;  // 0.08 LSB at half scale
  CHECK(nearest_threshold_decides(*make_converter(sensing), sensing));
  sensing.circuit.element_mismatch = 0.1;
  CHECK_FALSE(nearest_threshold_decides(*make_converter(sensing), sensing));
  const ConverterMismatch array(sensing, 3, 0, 0, 4);
  CHECK(std::is_sorted(array.thresholds(2), array.thresholds(2) + 63));
}

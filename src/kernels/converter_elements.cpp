// SPDX-License-Identifier: Apache-2.0
#include "kernels/converter_elements.h"

#include <cmath>

#include "kernels/delay_row.h"
#include "kernels/phases.h"

namespace capcam {

double element_sigma(const Converter& converter, const SensingParams& sensing) {
  const CircuitParams& c = sensing.circuit;
  if (converter.elements() == ConverterElements::none) return 0.0;
  if (c.element_mismatch) return *c.element_mismatch;
  if (converter.input() == ConverterInput::delay) return delay_spread(c);
  if (converter.elements() != ConverterElements::binary) return c.matching_coefficient;  // over sqrt(1 fF)
  const double unit_ff = std::ldexp(sampling_ff(c), -static_cast<int>(sensing.bits));
  return converter.samples() && unit_ff > 0.0 ? c.matching_coefficient / std::sqrt(unit_ff) : 0.0;
}

double largest_inl_lsb(const Converter& converter, const SensingParams& sensing) {
  return element_sigma(converter, sensing) * std::sqrt(std::exp2(sensing.bits)) / 2.0;
}

std::vector<double> element_errors(ConverterElements elements, double sigma, std::uint32_t bits,
                                   const std::function<double(std::uint32_t)>& normal) {
  const std::uint32_t levels = std::uint32_t{1} << bits;
  std::vector<double> errors(levels - 1, 0.0);
  if (elements == ConverterElements::none || sigma == 0.0) return errors;
  if (elements == ConverterElements::binary) {
    std::vector<double> of_bit;
    double sum = sigma * normal(bits);  // the unit that completes the array
    for (std::uint32_t i = 0; i < bits; ++i) {
      of_bit.push_back(sigma * std::sqrt(std::exp2(i)) * normal(i));
      sum += of_bit.back();
    }
    for (std::uint32_t k = 1; k < levels; ++k) {
      double level = k;
      for (std::uint32_t i = 0; i < bits; ++i) level += (k >> i & 1) != 0 ? of_bit[i] : 0.0;
      errors[k - 1] = level * levels / (levels + sum) - k;
    }
    return errors;
  }
  double sum = 0.0;
  for (std::uint32_t k = 1; k < levels; ++k) errors[k - 1] = sum += sigma * normal(k - 1);
  sum += sigma * normal(levels - 1);
  for (std::uint32_t k = 1; k < levels; ++k) errors[k - 1] -= sum * k / levels;
  return errors;
}

}  // namespace capcam

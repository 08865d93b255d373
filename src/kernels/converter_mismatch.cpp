// SPDX-License-Identifier: Apache-2.0
#include "kernels/converter_mismatch.h"

#include <algorithm>
#include <numbers>

#include "config/conditions.h"
#include "core/philox.h"
#include "kernels/converter_elements.h"
#include "kernels/standard_normal.h"

namespace capcam {
namespace {

// First words of the counters, beyond those of thresholds.
constexpr std::uint32_t of_converter = ~std::uint32_t{0}, of_array = of_converter - 1, of_rows = of_converter - 2;
constexpr std::uint32_t of_elements = 0x40000000;

}  // namespace

bool nearest_threshold_decides(const Converter& converter, const SensingParams& sensing) {
  return converter.decision_levels().empty() && 4.0 * largest_inl_lsb(converter, sensing) < 0.45;
}

ConverterMismatch::ConverterMismatch(const SensingParams& sensing, std::uint64_t seed, std::uint32_t core,
                                     std::uint32_t array, std::uint32_t rows)
    : rows_per_converter_(sensing.rows_per_converter) {
  const CircuitParams& c = sensing.circuit;
  const NormalTable& normal = NormalTable::get();
  const PhiloxKey key = philox_key(seed, RandomStream::converters);
  const std::uint32_t converters = (rows + rows_per_converter_ - 1) / rows_per_converter_;
  const PhiloxCounter common = philox4x32({of_array, 0, array, core}, key);
  common_offset_v_ = 1e-3 * c.offset_mv * normal(common[0]);
  full_scale_error_ = c.reference_error * normal(common[1]);
  const bool injects = actual_injection_fc(c, 1) > 0.0;
  for (std::uint32_t converter = 0; converter < converters; ++converter) {
    const PhiloxCounter words = philox4x32({of_converter, converter, array, core}, key);
    if (c.offset_mismatch_mv > 0.0) offsets_v_.push_back(1e-3 * c.offset_mismatch_mv * normal(words[0]));
    if (c.inl_lsb > 0.0) bows_.push_back(c.inl_lsb * normal(words[1]));
    if (injects) sampling_injections_.push_back(normal(words[2]));
  }
  for (std::uint32_t row = 0; injects && row < rows; ++row)
    injections_.push_back(normal(philox4x32({of_rows, row / 4, array, core}, key)[row % 4]));
  draw_thresholds(sensing, seed, core, array, converters);
}

void ConverterMismatch::draw_thresholds(const SensingParams& sensing, std::uint64_t seed, std::uint32_t core,
                                        std::uint32_t array, std::uint32_t converters) {
  constexpr float out_of_reach = 1e9f, within = 0.49f;
  const std::unique_ptr<const Converter> kind = make_converter(sensing);
  const std::vector<double> decision_levels = kind->decision_levels();
  const bool nearest = nearest_threshold_decides(*kind, sensing), spaced = decision_levels.empty();
  const double width_lsb = sensing.circuit.dnl_lsb / std::numbers::sqrt2, sigma = element_sigma(*kind, sensing);
  if (width_lsb == 0.0 && sigma == 0.0 && spaced) return;
  const NormalTable& normal = NormalTable::get();
  const PhiloxKey key = philox_key(seed, RandomStream::converters);
  const auto codes = std::uint32_t{1} << sensing.bits;
  const bool differ = width_lsb > 0.0 || sigma > 0.0;
  for (std::uint32_t converter = 0; converter < (differ ? converters : 1); ++converter) {
    const std::uint32_t chain = kind->elements() == ConverterElements::shared_unary ? 0 : converter;
    const std::vector<double> of_element =
        element_errors(kind->elements(), sigma, sensing.bits, [&](std::uint32_t element) -> double {
          return normal(philox4x32({of_elements + element / 4, chain, array, core}, key)[element % 4]);
        });
    if (nearest) thresholds_.push_back(-out_of_reach);
    PhiloxCounter words{};
    for (std::uint32_t code = 1; code < codes; ++code) {
      if (code == 1 || code % 4 == 0) words = philox4x32({code / 4, converter, array, core}, key);
      const auto error = static_cast<float>(width_lsb * normal(words[code % 4]) + of_element[code - 1]);
      const auto level = static_cast<float>(spaced ? code : decision_levels[code - 1] * codes + 0.5);
      thresholds_.push_back(nearest ? std::clamp(error, -within, within) : level + error);
    }
    if (nearest) thresholds_.push_back(out_of_reach);
  }
  if (!differ) return;
  stride_ = thresholds_.size() / converters;
  if (nearest) return;
  for (auto first = thresholds_.begin(); first != thresholds_.end(); first += static_cast<std::ptrdiff_t>(stride_))
    std::sort(first, first + static_cast<std::ptrdiff_t>(stride_));
}

}  // namespace capcam

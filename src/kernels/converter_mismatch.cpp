// SPDX-License-Identifier: Apache-2.0
#include "kernels/converter_mismatch.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "config/conditions.h"
#include "core/philox.h"
#include "kernels/converter_elements.h"
#include "kernels/standard_normal.h"

namespace capcam {
namespace {

// First words of the counters, beyond those of thresholds.
constexpr std::uint32_t of_converter = ~std::uint32_t{0}, of_array = of_converter - 1, of_rows = of_converter - 2;
constexpr std::uint32_t of_elements = 0x40000000, of_comparators = 0x20000000;

}  // namespace

double largest_comparator_lsb(const Converter& converter, const SensingParams& sensing,
                              std::span<const double> volts_per_lsb) {
  if (!converter.comparator_per_code() || volts_per_lsb.empty()) return 0.0;
  return 1e-3 * sensing.circuit.offset_mismatch_mv / *std::min_element(volts_per_lsb.begin(), volts_per_lsb.end());
}

bool nearest_threshold_decides(const Converter& converter, const SensingParams& sensing, double comparators_lsb) {
  return converter.decision_levels().empty() &&
         4.0 * std::hypot(largest_inl_lsb(converter, sensing), comparators_lsb) < 0.45;
}

ConverterMismatch::ConverterMismatch(const SensingParams& sensing, std::uint64_t seed, std::uint32_t core,
                                     std::uint32_t array, std::uint32_t rows, std::span<const double> volts_per_lsb)
    : rows_per_converter_(sensing.rows_per_converter) {
  const CircuitParams& c = sensing.circuit;
  const NormalTable& normal = NormalTable::get();
  const PhiloxKey key = philox_key(seed, RandomStream::converters);
  const bool own_offsets = !make_converter(sensing)->comparator_per_code();
  const std::uint32_t converters = (rows + rows_per_converter_ - 1) / rows_per_converter_;
  const PhiloxCounter common = philox4x32({of_array, 0, array, core}, key);
  common_offset_v_ = 1e-3 * c.offset_mv * normal(common[0]);
  full_scale_error_ = c.reference_error * normal(common[1]);
  const bool injects = actual_injection_fc(c, 1) > 0.0;
  for (std::uint32_t converter = 0; converter < converters; ++converter) {
    const PhiloxCounter words = philox4x32({of_converter, converter, array, core}, key);
    if (c.offset_mismatch_mv > 0.0 && own_offsets) offsets_v_.push_back(1e-3 * c.offset_mismatch_mv * normal(words[0]));
    if (c.inl_lsb > 0.0) bows_.push_back(c.inl_lsb * normal(words[1]));
    if (injects) sampling_injections_.push_back(normal(words[2]));
  }
  for (std::uint32_t row = 0; injects && row < rows; ++row)
    injections_.push_back(normal(philox4x32({of_rows, row / 4, array, core}, key)[row % 4]));
  draw_thresholds(sensing, {seed, core, array, converters}, volts_per_lsb);
}

void ConverterMismatch::draw_thresholds(const SensingParams& sensing, const Place& place,
                                        std::span<const double> volts_per_lsb) {
  constexpr float out_of_reach = 1e9f, within = 0.49f;
  constexpr std::array one_table{1.0};
  const std::unique_ptr<const Converter> kind = make_converter(sensing);
  const std::vector<double> decision_levels = kind->decision_levels();
  const double comparators_lsb = largest_comparator_lsb(*kind, sensing, volts_per_lsb);
  const bool nearest = nearest_threshold_decides(*kind, sensing, comparators_lsb), spaced = decision_levels.empty();
  const double width_lsb = sensing.circuit.dnl_lsb / std::numbers::sqrt2, sigma = element_sigma(*kind, sensing);
  const bool differ = width_lsb > 0.0 || sigma > 0.0 || comparators_lsb > 0.0;
  if (!differ && spaced) return;
  const NormalTable& normal = NormalTable::get();
  const PhiloxKey key = philox_key(place.seed, RandomStream::converters);
  const auto codes = std::uint32_t{1} << sensing.bits;
  const double comparators_v = comparators_lsb > 0.0 ? 1e-3 * sensing.circuit.offset_mismatch_mv : 0.0;
  const std::span<const double> tables = comparators_lsb > 0.0 ? volts_per_lsb : std::span<const double>(one_table);
  for (const double table_volts_per_lsb : tables) {
    for (std::uint32_t converter = 0; converter < (differ ? place.converters : 1); ++converter) {
      const std::uint32_t chain = kind->elements() == ConverterElements::shared_unary ? 0 : converter;
      const std::vector<double> of_element =
          element_errors(kind->elements(), sigma, sensing.bits, [&](std::uint32_t element) -> double {
            return normal(philox4x32({of_elements + element / 4, chain, place.array, place.core}, key)[element % 4]);
          });
      if (nearest) thresholds_.push_back(-out_of_reach);
      PhiloxCounter words{}, of_code{};
      for (std::uint32_t code = 1; code < codes; ++code) {
        if (code == 1 || code % 4 == 0) {
          words = philox4x32({code / 4, converter, place.array, place.core}, key);
          of_code = philox4x32({of_comparators + code / 4, converter, place.array, place.core}, key);
        }
        const double comparator = comparators_v / table_volts_per_lsb * normal(of_code[code % 4]);
        const auto error = static_cast<float>(width_lsb * normal(words[code % 4]) + of_element[code - 1] + comparator);
        const auto level = static_cast<float>(spaced ? code : decision_levels[code - 1] * codes + 0.5);
        thresholds_.push_back(nearest ? std::clamp(error, -within, within) : level + error);
      }
      if (nearest) thresholds_.push_back(out_of_reach);
    }
  }
  last_table_ = thresholds_.size() / tables.size() * (tables.size() - 1);
  if (!differ) return;
  stride_ = thresholds_.size() / tables.size() / place.converters;
  if (nearest) return;
  for (auto first = thresholds_.begin(); first != thresholds_.end(); first += static_cast<std::ptrdiff_t>(stride_))
    std::sort(first, first + static_cast<std::ptrdiff_t>(stride_));
}

}  // namespace capcam

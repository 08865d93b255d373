// SPDX-License-Identifier: Apache-2.0
#include "kernels/converter_mismatch.h"

#include <algorithm>
#include <numbers>

#include "core/philox.h"
#include "kernels/standard_normal.h"

namespace capcam {

ConverterMismatch::ConverterMismatch(const SensingParams& sensing, std::span<const double> decision_levels,
                                     std::uint64_t seed, std::uint32_t core, std::uint32_t array, std::uint32_t rows)
    : rows_per_converter_(sensing.rows_per_converter) {
  constexpr std::uint32_t offset_draw = ~std::uint32_t{0};
  constexpr float out_of_reach = 1e9f, within = 0.49f;
  const auto offset_lsb = static_cast<float>(sensing.circuit.offset_mismatch_lsb);
  const auto threshold_lsb = static_cast<float>(sensing.circuit.dnl_lsb / std::numbers::sqrt2);
  const NormalTable& normal = NormalTable::get();
  const PhiloxKey key = philox_key(seed, RandomStream::converters);
  const std::uint32_t converters = (rows + rows_per_converter_ - 1) / rows_per_converter_;
  const auto codes = std::uint32_t{1} << sensing.bits;
  const bool spaced = decision_levels.empty();
  const auto level = [&](std::uint32_t code) { return static_cast<float>(decision_levels[code - 1] * codes + 0.5); };
  for (std::uint32_t converter = 0; converter < converters; ++converter) {
    if (offset_lsb > 0.0f)
      offsets_.push_back(offset_lsb * normal(philox4x32({offset_draw, converter, array, core}, key)[0]));
    if (threshold_lsb <= 0.0f) continue;
    if (spaced) thresholds_.push_back(-out_of_reach);
    PhiloxCounter words{};
    for (std::uint32_t code = 1; code < codes; ++code) {
      if (code == 1 || code % 4 == 0) words = philox4x32({code / 4, converter, array, core}, key);
      const float error = std::clamp(threshold_lsb * normal(words[code % 4]), -within, within);
      thresholds_.push_back(spaced ? error : level(code) + error);
    }
    if (spaced) thresholds_.push_back(out_of_reach);
  }
  if (threshold_lsb > 0.0f) {
    stride_ = thresholds_.size() / converters;
    if (spaced) return;
    for (auto first = thresholds_.begin(); first != thresholds_.end(); first += static_cast<std::ptrdiff_t>(stride_))
      std::sort(first, first + static_cast<std::ptrdiff_t>(stride_));
  } else if (!spaced) {
    for (std::uint32_t code = 1; code < codes; ++code) thresholds_.push_back(level(code));
  }
}

}  // namespace capcam

// SPDX-License-Identifier: Apache-2.0
#include "kernels/converter_mismatch.h"

#include <algorithm>
#include <numbers>

#include "core/philox.h"
#include "kernels/standard_normal.h"

namespace capcam {

ConverterMismatch::ConverterMismatch(const SensingParams& sensing, std::uint64_t seed, std::uint32_t core,
                                     std::uint32_t array, std::uint32_t rows)
    : rows_per_converter_(sensing.rows_per_converter), bits_(sensing.bits) {
  constexpr std::uint32_t offset_draw = ~std::uint32_t{0};
  constexpr float out_of_reach = 1e9f, within = 0.49f;
  const auto offset_lsb = static_cast<float>(sensing.circuit.offset_mismatch_lsb);
  const auto threshold_lsb = static_cast<float>(sensing.circuit.dnl_lsb / std::numbers::sqrt2);
  const NormalTable& normal = NormalTable::get();
  const PhiloxKey key = philox_key(seed, RandomStream::converters);
  const std::uint32_t converters = (rows + rows_per_converter_ - 1) / rows_per_converter_;
  for (std::uint32_t converter = 0; converter < converters; ++converter) {
    if (offset_lsb > 0.0f)
      offsets_.push_back(offset_lsb * normal(philox4x32({offset_draw, converter, array, core}, key)[0]));
    if (threshold_lsb <= 0.0f) continue;
    thresholds_.push_back(-out_of_reach);
    PhiloxCounter words{};
    for (std::uint32_t code = 1; code + 1 < table_size(bits_); ++code) {
      if (code == 1 || code % 4 == 0) words = philox4x32({code / 4, converter, array, core}, key);
      thresholds_.push_back(std::clamp(threshold_lsb * normal(words[code % 4]), -within, within));
    }
    thresholds_.push_back(out_of_reach);
  }
}

}  // namespace capcam

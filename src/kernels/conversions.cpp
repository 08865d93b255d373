// SPDX-License-Identifier: Apache-2.0
#include "kernels/conversions.h"

#include "kernels/tile_selection.h"

namespace capcam {

Conversions::Conversions(const Config& config, std::uint32_t segments)
    : converter_(make_converter(config.sensing)),
      depend_on_codes_(converter_->time_depends_on_codes()),
      best_rows_(segments == 1 ? ConfiguredTileSelection(config.top_n).best_rows() : std::nullopt) {
  if (depend_on_codes_) return;
  for (std::uint32_t rows = 0; rows <= config.array.rows; ++rows)
    of_rows_.push_back(converter_->convert({.rows = rows, .best_rows = best_rows_}));
}

Conversion Conversions::of_codes(std::span<const std::uint32_t> codes, const TileKeys& keys,
                                 const ValidKeys& valid) const {
  const auto rows = static_cast<std::uint32_t>(codes.size());
  if (!depend_on_codes_) return of_rows(rows);
  std::vector<std::uint8_t> valid_rows(rows);
  for (std::uint32_t row = 0; row < rows; ++row) valid_rows[row] = valid(keys[row]) ? 1 : 0;
  return converter_->convert({rows, codes, valid_rows, best_rows_});
}

}  // namespace capcam

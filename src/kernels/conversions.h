// The time and the counts of the converters of an array for a search.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "capcam/converter.h"
#include "kernels/valid_keys.h"

namespace capcam {

class Conversions {
 public:
  Conversions() = default;  // makes one that belongs to no machine
  // `segments` is the number per key. With several of them no segment alone tells the best rows.
  Conversions(const Config& config, std::uint32_t segments);

  bool depend_on_codes() const { return depend_on_codes_; }
  // Returns the conversion of a search of so many rows, where codes do not matter.
  const Conversion& of_rows(std::uint32_t rows) const { return of_rows_[rows]; }
  // Returns the conversion of any search, from the codes of a tile's keys.
  Conversion of_codes(std::span<const std::uint32_t> codes, const TileKeys& keys, const ValidKeys& valid) const;

 private:
  std::shared_ptr<const Converter> converter_;
  bool depend_on_codes_ = false;
  std::optional<std::uint32_t> best_rows_;
  std::vector<Conversion> of_rows_;  // [rows + 1]; empty if conversions depend on codes
};

}  // namespace capcam

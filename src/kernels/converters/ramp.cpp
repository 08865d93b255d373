// A ramp converter: one reference for all rows of an array falls from the highest code, one code per step; a row's
// comparator tells when it is crossed. The best rows cross first, so a search ends as soon as enough of them have.
//
// Rows that cross on the same step cross together. A code c is crossed at step 2^b - c; a row that has not crossed
// after step 2^b - 1 has code 0. Rows whose key is not valid are not compared. Rows that share a comparator are
// converted one after another: one ramp serves the first row of each comparator, the next ramp the second, and so on.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/converters/kinds.h"

namespace capcam {
namespace {

class Ramp final : public Converter {
 public:
  using Converter::Converter;
  bool time_depends_on_codes() const override { return true; }
  Conversion convert(const SearchCodes& search) const override;
  ConverterElements elements() const override { return ConverterElements::shared_unary; }
  double decision_cycles() const override { return sensing().ramp_step_cycles; }
  std::vector<ConverterPart> parts() const override {
    using Spends = ConverterPart::Spends;
    return {{.unit = "register_bit", .count = static_cast<double>(sensing().bits)},  // latches the code of the crossing
            {.unit = "comparator", .spends = Spends::each_comparison},
            {.unit = "ramp_step", .spends = Spends::each_step, .shared = true}};
  }
};

Conversion Ramp::convert(const SearchCodes& search) const {
  const std::uint32_t levels = std::uint32_t{1} << sensing().bits, sharing = sensing().rows_per_converter;
  Conversion conversion;
  std::vector<std::uint32_t> crossed;  // the steps at which this ramp's rows cross
  for (std::uint32_t turn = 0; turn < std::min(sharing, search.rows); ++turn) {
    crossed.clear();
    for (std::size_t row = turn; row < search.rows; row += sharing) {
      if (search.valid[row] != 0) crossed.push_back(levels - std::max(search.codes[row], 1u));
    }
    if (crossed.empty()) continue;
    const std::size_t last =
        search.best_rows ? std::min<std::size_t>(*search.best_rows, crossed.size()) : crossed.size();
    std::nth_element(crossed.begin(), crossed.begin() + static_cast<std::ptrdiff_t>(last - 1), crossed.end());
    const std::uint32_t steps = crossed[last - 1];
    conversion.steps += steps;
    for (const std::uint32_t step : crossed) conversion.comparisons += std::min(step, steps);
  }
  conversion.cycles = conversion.steps * sensing().ramp_step_cycles;
  return conversion;
}

}  // namespace

ConverterKind ramp_converter() {
  return kind_of<Ramp>(
      "ramp", "a reference falls one code in ramp_step_cycles; the tile is done when tile_k rows have crossed it");
}

}  // namespace capcam

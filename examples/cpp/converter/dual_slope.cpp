// A converter kind of one's own. A dual-slope converter charges an integrator with the matchline's voltage for 2^b
// cycles and counts how long a reference takes to discharge it: a row of code c is done after c + 1 more. All rows of
// an array share the counter, and the best rows come last, so a search takes as long as its best row.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "capcam/converter.h"

namespace {

class DualSlope final : public capcam::Converter {
 public:
  using Converter::Converter;

  bool time_depends_on_codes() const override { return true; }

  capcam::Conversion convert(const capcam::SearchCodes& search) const override {
    const std::uint64_t charging = std::uint64_t{1} << sensing().bits;
    capcam::Conversion conversion;
    // Rows that share a converter are converted one after another: in each turn, one row of every converter.
    for (std::uint32_t turn = 0; turn < std::min(sensing().rows_per_converter, search.rows); ++turn) {
      std::uint64_t discharging = 0;
      for (std::uint32_t row = turn; row < search.rows; row += sensing().rows_per_converter) {
        if (search.valid[row] == 0) continue;
        discharging = std::max<std::uint64_t>(discharging, search.codes[row] + 1);
        conversion.comparisons += search.codes[row] + 1;
      }
      conversion.steps += discharging;
      conversion.cycles += charging + discharging;
    }
    return conversion;
  }

  std::vector<capcam::ConverterPart> parts() const override {
    using Spends = capcam::ConverterPart::Spends;
    const double bits = sensing().bits;
    return {
        {.unit = "register_bit", .count = bits},  // latches the counter
        {.unit = "comparator", .spends = Spends::each_comparison},
        {.unit = "adder_bit", .count = bits, .spends = Spends::each_step, .shared = true},  // the counter
        {.unit = "register_bit", .count = bits, .spends = Spends::each_step, .shared = true},
    };
  }
};

const capcam::RegisterConverter<DualSlope> dual_slope("dual_slope",
                                                      "charges for 2^b cycles, then counts until it is discharged");

}  // namespace

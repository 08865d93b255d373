// Flash: a comparator per threshold, all at once; a resistor ladder makes the thresholds, full adders count the
// comparators that say yes.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "kernels/converters/kinds.h"

namespace capcam {
namespace {

class Flash final : public Converter {
 public:
  using Converter::Converter;
  Conversion convert(const SearchCodes& search) const override { return one_after_another(search, 1); }
  ConverterElements elements() const override { return ConverterElements::unary; }
  bool comparator_per_code() const override { return true; }
  double decision_cycles() const override { return 1.0; }
  std::vector<ConverterPart> parts() const override { return flash_parts(sensing().bits); }
};

}  // namespace

std::vector<ConverterPart> flash_parts(double bits) {
  const double comparators = std::exp2(bits) - 1.0;
  return {{.unit = "comparator", .count = comparators},
          {.unit = "ladder", .count = comparators},
          {.unit = "adder_bit", .count = std::max(0.0, comparators - bits)}};
}

ConverterKind flash_converter() { return kind_of<Flash>("flash", "2^b - 1 comparators: a b-bit code after one cycle"); }

}  // namespace capcam

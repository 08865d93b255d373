// Successive approximation makes one decision after another, each of which halves the range that is left.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/converters/kinds.h"

namespace capcam {
namespace {

class Sar final : public Converter {
 public:
  using Converter::Converter;
  ConverterElements elements() const override { return ConverterElements::binary; }
  bool samples() const override { return true; }
  double decision_cycles() const override { return double{1} * sensing().conversion_cycles / sensing().bits; }
  std::vector<ConverterPart> parts() const override { return sar_parts(sensing().bits); }
};

}  // namespace

// A comparator decides b times. A ring of b cells says which bit is decided (each is set and cleared once) and b more
// hold the code; two gates a bit drive the capacitors.
std::vector<ConverterPart> sar_parts(double bits) {
  return {{.unit = "comparator", .uses = bits},
          {.unit = "capacitor_dac"},
          {.unit = "sampling_switch"},
          {.unit = "register_bit", .count = 2.0 * bits, .uses = 1.5},
          {.unit = "logic_bit", .count = 2.0 * bits, .uses = 2.0}};
}

ConverterKind sar_converter() {
  return kind_of<Sar>("sar", "successive approximation: a b-bit code after conversion_cycles");
}

}  // namespace capcam

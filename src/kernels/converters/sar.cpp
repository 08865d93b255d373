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
  std::vector<ConverterPart> parts() const override {
    return {{.unit = "sar", .resolution_bits = static_cast<double>(sensing().bits)}};
  }
};

}  // namespace

ConverterKind sar_converter() {
  return kind_of<Sar>("sar", "successive approximation: a b-bit code after conversion_cycles");
}

}  // namespace capcam

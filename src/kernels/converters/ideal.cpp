// Ideal sensing: the score is the match count. It takes the time of a conversion and costs nothing.
// SPDX-License-Identifier: Apache-2.0
#include "kernels/converters/kinds.h"

namespace capcam {
namespace {

class Ideal final : public Converter {
 public:
  using Converter::Converter;
  ConverterInput input() const override { return ConverterInput::match_count; }
  std::vector<ConverterPart> parts() const override { return {}; }
};

}  // namespace

ConverterKind ideal_converter() { return kind_of<Ideal>("ideal", "the score is the match count"); }

}  // namespace capcam

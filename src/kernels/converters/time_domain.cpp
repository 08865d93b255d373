// Time domain: cells delay an edge (kernels/delay_row.h). A chain of 2^b - 1 delays, which a row of cells that all
// match starts, is sampled into registers when the edge arrives, and full adders count the delays it has passed. The
// chain itself is priced by cost/blocks/delay_blocks.h.
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "kernels/converters/kinds.h"

namespace capcam {
namespace {

class TimeDomain final : public Converter {
 public:
  using Converter::Converter;
  ConverterInput input() const override { return ConverterInput::delay; }
  ConverterElements elements() const override { return ConverterElements::unary; }
  bool comparator_per_code() const override { return true; }
  std::vector<ConverterPart> parts() const override {
    const double stages = std::exp2(sensing().bits) - 1.0;
    return {{.unit = "register_bit", .count = stages}, {.unit = "adder_bit", .count = stages - sensing().bits}};
  }
};

}  // namespace

ConverterKind time_domain_converter() {
  return kind_of<TimeDomain>(
      "time_domain", "cells delay an edge instead of sharing charge; its arrival is digitised in conversion_cycles");
}

}  // namespace capcam

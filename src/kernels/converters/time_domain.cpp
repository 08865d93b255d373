// Time domain: cells delay an edge. A chain of 2^b - 1 delays of two gates is sampled into registers when the edge
// arrives, and full adders count the delays it has passed.
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
  std::vector<ConverterPart> parts() const override {
    const double stages = std::exp2(sensing().bits) - 1.0;
    return {{.unit = "logic_bit", .count = 2.0 * stages},
            {.unit = "register_bit", .count = stages},
            {.unit = "adder_bit", .count = stages - sensing().bits}};
  }
};

}  // namespace

ConverterKind time_domain_converter() {
  return kind_of<TimeDomain>(
      "time_domain", "cells delay an edge instead of sharing charge; its arrival is digitised in conversion_cycles");
}

}  // namespace capcam

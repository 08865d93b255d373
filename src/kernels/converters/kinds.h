// The kinds of converters that capcam has. A new kind takes a file beside this one, and a line here and in
// registry.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "capcam/converter.h"

namespace capcam {

ConverterKind ideal_converter();
ConverterKind sar_converter();
ConverterKind flash_converter();
ConverterKind ramp_converter();
ConverterKind time_domain_converter();

// Parts of converters of any resolution: of parts that were built, too, whose comparators are no power of two.
std::vector<ConverterPart> sar_parts(double bits);
std::vector<ConverterPart> flash_parts(double bits);

template <class C>
ConverterKind kind_of(std::string name, std::string doc) {
  return {std::move(name), std::move(doc), [](const SensingParams& sensing) { return std::make_unique<C>(sensing); }};
}

}  // namespace capcam

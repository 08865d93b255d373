// The kinds of converters that capcam has. A new kind takes a file beside this one, and a line here and in
// registry.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "capcam/converter.h"

namespace capcam {

ConverterKind ideal_converter();
ConverterKind sar_converter();
ConverterKind flash_converter();
ConverterKind ramp_converter();
ConverterKind time_domain_converter();

template <class C>
ConverterKind kind_of(std::string name, std::string doc) {
  return {std::move(name), std::move(doc), [](const SensingParams& sensing) { return std::make_unique<C>(sensing); }};
}

}  // namespace capcam

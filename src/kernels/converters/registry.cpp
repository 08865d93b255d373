// SPDX-License-Identifier: Apache-2.0
#include "core/registry.h"

#include <algorithm>
#include <cmath>

#include "kernels/converters/kinds.h"

namespace capcam {
namespace {

Registry<ConverterKind>& kinds() {
  static Registry<ConverterKind> all("converter kind", {
                                                           ideal_converter(),
                                                           sar_converter(),
                                                           flash_converter(),
                                                           ramp_converter(),
                                                           time_domain_converter(),
                                                       });
  return all;
}

void check_levels(const SensingParams& sensing, const std::vector<double>& levels) {
  if (levels.empty()) return;
  const std::size_t wanted = (std::size_t{1} << sensing.bits) - 1;
  const bool numbers = std::none_of(levels.begin(), levels.end(), [](double level) { return std::isnan(level); });
  if (levels.size() == wanted && numbers && std::is_sorted(levels.begin(), levels.end())) return;
  throw InputError(
      fmt::format("converter kind \"{}\": decision_levels() must give 2^bits - 1 = {} ascending numbers, got {}{}",
                  sensing.kind, wanted, levels.size(), levels.size() == wanted ? " that are not ascending" : ""));
}

}  // namespace

std::vector<Named> converter_kinds() { return kinds().names(); }

void register_converter(ConverterKind kind) { kinds().add(std::move(kind)); }

std::unique_ptr<const Converter> make_converter(const SensingParams& sensing) {
  std::unique_ptr<const Converter> converter = kinds().at("sensing.kind", sensing.kind).make(sensing);
  check_levels(sensing, converter->decision_levels());
  return converter;
}

Conversion Converter::one_after_another(const SearchCodes& search, std::uint64_t cycles) const {
  return {.cycles = cycles * std::min(search.rows, sensing_.rows_per_converter)};
}

}  // namespace capcam

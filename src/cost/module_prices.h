// Prices a component by the card of a whole module: an action costs one instance's power over its charged cycles.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "cost/component_price.h"

namespace capcam {

std::uint64_t instances_of(InstanceRule rule, const Config& config);
ComponentPrice module_price(const Card& card, const Config& config);

}  // namespace capcam

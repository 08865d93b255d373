// A component priced by the card of a whole module: power of one instance over the cycles an action is charged.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "cost/component_price.h"

namespace capcam {

std::uint64_t instances_of(InstanceRule rule, const Config& config);
ComponentPrice module_price(const Card& card, const Config& config);

}  // namespace capcam

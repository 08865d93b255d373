// The origin of a component's numbers, as every report says it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "cost/price.h"

namespace capcam {

// Describes one of the component's cards: component, card, module, source, technology_nm (null: not stated),
// normalized_to_nm (null: not scaled), evidence, instances and, if there is one, remark.
nlohmann::ordered_json card_to_json(const ComponentCost& component, const Provenance& from);

// Returns "65 nm brought to 45 nm", "node not stated" or the like.
std::string node_text(const ComponentCost& component, const Provenance& from);

}  // namespace capcam

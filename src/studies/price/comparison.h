// Two prices of one design side by side: areas, energies of actions and of a run's components, each with its ratio.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "cost/price.h"

namespace capcam {

struct NamedCost {
  std::string name;  // name of the configuration
  const Cost& cost;
};

// Shows the energy of a run, too, if the costs hold its counts (head_queries > 0).
std::string comparison_table(const NamedCost& left, const NamedCost& right, std::uint64_t head_queries);

}  // namespace capcam

// The machine's components as blocks of unit cards: which block each is, how large, and what its actions do with it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cost/blocks/blocks.h"
#include "cost/component_price.h"

namespace capcam {

// The dimensions of the work that the sizes of blocks depend on.
struct WorkSize {
  double head_dim = 0.0;
  double value_dim = 0.0;
  double keys = 0.0;
};

// Adds a note wherever a figure is used beyond what its card says.
std::vector<ComponentPrice> block_prices(const Config& config, const Blocks& blocks, const WorkSize& work,
                                         std::vector<std::string>& notes);

}  // namespace capcam

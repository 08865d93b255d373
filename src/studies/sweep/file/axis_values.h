// Reads the values of one key of a grid: a list, or a range {from, to, step} or {from, to, factor}.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/toml_tree.h"

namespace capcam {

struct AxisValues {
  std::vector<TomlNode> values;  // scalars, named after the node
  std::string problem;           // says why there are no values; empty if there are some
};

bool is_range(const TomlNode& node);

// Says how many values that would be, without making them; 0 where axis_values() has a problem to tell.
double count_axis_values(const TomlNode& node);

// Returns at most `limit` values. Those of a range are decimal numbers as they are written: from 0.1 in steps of 0.1
// the third is 0.3, not the sum of rounded tenths.
AxisValues axis_values(const TomlNode& node, std::uint64_t limit);

}  // namespace capcam

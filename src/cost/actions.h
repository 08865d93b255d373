// The actions of a run as a list: what a component does, how often. Made from ActionCounts::describe, so none is
// forgotten.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "capcam/describe.h"
#include "capcam/run_stats.h"

namespace capcam {

struct Action {
  std::string component;  // "converter"
  std::string name;       // "convert"
  std::string_view unit;
  std::string_view doc;
  std::uint64_t count = 0;

  std::string full_name() const { return component + "." + name; }
};

// In the order of ActionCounts, which is the order of the data flow; the actions of a component are neighbours.
std::vector<Action> list_actions(const ActionCounts& counts);

}  // namespace capcam

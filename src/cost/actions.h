// The actions of a run as a list: what each component does and how often. The list is made from
// ActionCounts::describe, so no action is forgotten.
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

// The list is in the order of ActionCounts, which is the order of the data flow; a component's actions are neighbours.
std::vector<Action> list_actions(const ActionCounts& counts);

}  // namespace capcam

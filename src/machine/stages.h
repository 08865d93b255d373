// The stages of the machine, listed once. Their names and their order are those of reports.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/config.h"
#include "capcam/run_stats.h"

namespace capcam {

enum class Stage : std::uint8_t {
  association,
  normalization,
  contextualization,
  key_programming,
  cam_array,
  sensing,
  tile_selection,
  merge,
  softmax,
  prefetch,
};

// The thing that has one unit of the stage.
enum class PerUnit : std::uint8_t { core, array };

struct StageEntry {
  Stage stage;
  std::string_view name;
  PerUnit per;
};

// The three coarse stages stand first; the others follow as the data flows.
inline constexpr std::array<StageEntry, 10> stage_list{{
    {Stage::association, "association", PerUnit::core},
    {Stage::normalization, "normalization", PerUnit::core},
    {Stage::contextualization, "contextualization", PerUnit::core},
    {Stage::key_programming, "key_programming", PerUnit::array},
    {Stage::cam_array, "cam_array", PerUnit::array},
    {Stage::sensing, "sensing", PerUnit::array},
    {Stage::tile_selection, "tile_selection", PerUnit::array},
    {Stage::merge, "merge", PerUnit::core},
    {Stage::softmax, "softmax", PerUnit::core},
    {Stage::prefetch, "prefetch", PerUnit::core},
}};

constexpr std::size_t index_of(Stage stage) { return static_cast<std::size_t>(stage); }

// The list stands in the order of the enumeration.
static_assert([] {
  for (std::size_t i = 0; i < stage_list.size(); ++i) {
    if (index_of(stage_list[i].stage) != i) return false;
  }
  return true;
}());

constexpr std::string_view stage_name(Stage stage) { return stage_list[index_of(stage)].name; }

// Returns the units of a stage in the whole machine.
inline std::uint32_t units_of(Stage stage, const Config& config) {
  const std::uint32_t cores = config.accelerator.cores;
  return stage_list[index_of(stage)].per == PerUnit::core ? cores : cores * config.array.count;
}

// Returns one entry per stage, in order, without any cycle counted yet.
inline std::vector<StageCycles> stages_of(const Config& config) {
  std::vector<StageCycles> stages;
  for (const StageEntry& entry : stage_list)
    stages.push_back({std::string(entry.name), units_of(entry.stage, config), 0, 0, 0});
  return stages;
}

}  // namespace capcam

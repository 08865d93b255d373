// What every unit of every stage did when, as Chrome trace events: opens in Perfetto, one track a unit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engines/systemc/observers.h"

namespace capcam::systemc {

class Timeline {
 public:
  static constexpr std::size_t limit = 1'000'000;  // slices kept

  explicit Timeline(std::uint64_t period_fs) : period_fs_(period_fs) {}
  // Only what happens from one cycle to another is kept; slices are cut there.
  void window(Cycle first, Cycle last) { first_ = first, last_ = last; }
  // A track of a core, shown in the order of adding. Returns its number.
  std::uint32_t add(std::uint32_t core, const std::string& name);
  void slice(std::uint32_t track, UnitState state, Cycle from, Cycle to, const Activity& activity);
  // Writes what happened in the window, up to `end`. Returns the first cycle that is missing, if the limit was reached.
  std::optional<Cycle> write(const std::filesystem::path& path, Cycle end);

 private:
  struct Track {
    std::uint32_t core;
    std::string name;
  };
  struct Slice {
    Cycle from, to;
    std::uint32_t track;
    UnitState state;
    Activity activity;
  };
  std::uint64_t period_fs_;
  std::vector<Track> tracks_;
  std::vector<Slice> slices_;
  Cycle first_ = 0, last_ = never;
  std::optional<Cycle> cut_;
};

}  // namespace capcam::systemc

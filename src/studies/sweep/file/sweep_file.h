// A sweep file says which machines are tried on which traces. docs/sweeps.md describes it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "capcam/error.h"
#include "config/toml_tree.h"
#include "studies/sweep/file/where.h"
#include "studies/sweep/table/objective.h"

namespace capcam {

// A key with one value; node.name is the dotted key.
using Assignment = TomlNode;

// Keys that vary together; in step i they have the values steps[i].
struct SweepAxis {
  std::vector<std::vector<Assignment>> steps;
};

struct SweepFile {
  std::filesystem::path path;
  std::string text;  // text of the file itself
  std::filesystem::path base;
  std::vector<std::filesystem::path> traces;
  std::optional<std::string> layers;  // "0,3-5"
  std::uint64_t seed = 1;
  double accuracy_share = 1.0;
  bool systemc = false;  // true if points run on the systemc engine
  std::uint64_t max_points = 0;
  std::vector<Objective> objectives;
  std::optional<Where> where;
  std::vector<Assignment> same;                 // [same]
  std::vector<SweepAxis> axes;                  // [grid] and [linked]; every combination is a point
  std::vector<std::vector<Assignment>> points;  // [[points]]; each entry is a point
  TomlTree tree;                                // gives messages their places
};

// Throws InputError with every problem of the file. Keys and values are checked when points are made of them.
SweepFile read_sweep_file(const std::filesystem::path& path);

InputError too_many_points(const SweepFile& file, double points);

// Returns the path as given if it exists, else the shipped configs/sweeps/<name>.toml. Throws InputError.
std::filesystem::path resolve_sweep_path(const std::string& given);

}  // namespace capcam

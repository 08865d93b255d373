// SPDX-License-Identifier: Apache-2.0
#include "config/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "config/check.h"
#include "config/toml_reader.h"
#include "config/toml_tree.h"
#include "core/error.h"
#include "core/nearest.h"
#include "core/resources.h"

namespace capcam {
namespace {

// Names of the shipped configurations, without .toml.
std::vector<std::string> shipped_configs() {
  std::vector<std::string> names;
  for (const std::filesystem::path& folder : resource_folders()) {
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(folder / "configs", failed)) {
      if (entry.path().extension() == ".toml") names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

Config read_config(const std::filesystem::path& file, const std::vector<std::string>& sets,
                   const std::filesystem::path& own_models) {
  return read_config_tree(file, read_toml_tree(file, sets), own_models);
}

Config read_config_tree(const std::filesystem::path& file, TomlTree tree, const std::filesystem::path& own_models) {
  TomlReader reader(file, std::move(tree));
  Config config;
  Config::describe(reader, config);
  for (const RelationProblem& relation : relation_problems(config, own_models)) {
    // A refused value leaves its default behind, about which nothing need be said.
    const bool moot =
        std::any_of(relation.keys.begin(), relation.keys.end(), [&](const auto& key) { return reader.refused(key); });
    if (!moot) reader.problem(relation.keys, relation.text);
  }
  reader.finish();
  return config;
}

std::filesystem::path resolve_config_path(const std::string& given) {
  std::error_code failed;
  if (std::filesystem::exists(given, failed) && !std::filesystem::is_directory(given, failed)) return given;
  const std::filesystem::path path(given);
  if (path.is_relative() && !given.empty()) {
    for (const std::filesystem::path& folder : resource_folders()) {
      for (const char* extension : {"", ".toml"}) {
        std::filesystem::path shipped = folder / "configs" / (given + extension);
        if (std::filesystem::is_regular_file(shipped, failed)) return shipped;
      }
    }
  }
  const std::vector<std::string> shipped = shipped_configs();
  std::vector<std::string> help;
  if (const auto meant = nearest(path.stem().string(), shipped))
    help.push_back(fmt::format("did you mean {}?", *meant));
  help.push_back(fmt::format("shipped configurations: {}", fmt::join(shipped, ", ")));
  throw InputError(fmt::format("there is no configuration {}", given), help);
}

}  // namespace capcam

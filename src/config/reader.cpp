// SPDX-License-Identifier: Apache-2.0
#include "capcam/read_config.h"
#include "config/read_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "capcam/error.h"
#include "config/check.h"
#include "config/shipped.h"
#include "config/toml_reader.h"
#include "config/toml_tree.h"

namespace capcam {
Config read_config(const std::filesystem::path& file, const std::vector<std::string>& sets,
                   const std::optional<std::filesystem::path>& own_models) {
  return read_config_tree(file, read_toml_tree(file, sets), own_models);
}

Config read_config_tree(const std::filesystem::path& file, TomlTree tree,
                        const std::optional<std::filesystem::path>& own_models) {
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
  const std::filesystem::file_status status = std::filesystem::status(given, failed);
  if (std::filesystem::exists(status) && !std::filesystem::is_directory(status)) return given;
  if (const auto shipped = find_shipped_config(given)) return *shipped;
  const bool nothing_there = !failed || failed == std::errc::no_such_file_or_directory ||
                             failed == std::errc::not_a_directory || std::filesystem::is_directory(status);
  if (!nothing_there) throw InputError(fmt::format("{} cannot be read: {}", given, failed.message()));
  throw InputError(fmt::format("there is no configuration {}", given), shipped_config_help(given));
}

}  // namespace capcam

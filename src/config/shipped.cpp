// SPDX-License-Identifier: Apache-2.0
#include "config/shipped.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <system_error>

#include "core/nearest.h"
#include "core/resources.h"

namespace capcam {
namespace {

// Returns the name without .toml.
std::vector<std::string> names_of_shipped() {
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

std::optional<std::filesystem::path> find_shipped_config(const std::string& name) {
  if (name.empty() || std::filesystem::path(name).is_absolute()) return std::nullopt;
  std::error_code failed;
  for (const std::filesystem::path& folder : resource_folders()) {
    for (const char* extension : {"", ".toml"}) {
      std::filesystem::path shipped = folder / "configs" / (name + extension);
      if (std::filesystem::is_regular_file(shipped, failed)) return shipped;
    }
  }
  return std::nullopt;
}

std::vector<std::string> shipped_config_help(const std::string& name) {
  const std::vector<std::string> shipped = names_of_shipped();
  std::vector<std::string> help;
  if (const auto meant = nearest(std::filesystem::path(name).stem().string(), shipped))
    help.push_back(fmt::format("did you mean {}?", *meant));
  help.push_back(fmt::format("shipped configurations: {}", fmt::join(shipped, ", ")));
  return help;
}

}  // namespace capcam

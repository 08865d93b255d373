// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/paths.h"

#include <fmt/format.h>

#include "capcam/error.h"
#include "core/output_target.h"

namespace capcam {

std::vector<NamedPath> files_of_folder(const std::string& option, const std::filesystem::path& folder,
                                       const std::vector<std::string>& names) {
  std::vector<NamedPath> files;
  if (folder.empty()) return files;
  for (const std::string& name : names) files.push_back({fmt::format("{} ({})", option, name), folder / name});
  return files;
}

void check_paths_differ(const std::string& command, const std::vector<NamedPath>& inputs,
                        const std::vector<NamedPath>& outputs) {
  std::vector<std::string> problems;
  const auto compare = [&problems](const NamedPath& a, const NamedPath& b, const char* consequence) {
    if (a.path.empty() || b.path.empty() || !same_file(a.path, b.path)) return;
    problems.push_back(
        fmt::format("{} and {} name the same file, {}: {}", a.option, b.option, b.path.string(), consequence));
  };
  for (auto output = outputs.begin(); output != outputs.end(); ++output) {
    for (const NamedPath& input : inputs) compare(input, *output, "the output would replace the input");
    for (auto before = outputs.begin(); before != output; ++before)
      compare(*before, *output, "one output would replace the other");
  }
  if (!problems.empty()) throw InputError(command, std::move(problems));
}

void check_all_writable(const std::vector<NamedPath>& outputs) {
  for (const NamedPath& output : outputs) {
    if (!output.path.empty()) check_writable(output.path);
  }
}

}  // namespace capcam

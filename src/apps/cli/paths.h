// Checks the files that a command reads and writes, by the options that name them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace capcam {

struct NamedPath {
  std::string option;          // "--trace", "--out (report.json)"
  std::filesystem::path path;  // empty if the option is not given
};

// Returns "--out (report.json)" for every file that a command writes into its folder.
std::vector<NamedPath> files_of_folder(const std::string& option, const std::filesystem::path& folder,
                                       const std::vector<std::string>& names);

// Throws InputError that names both options if an output is an input or another output under any name.
void check_paths_differ(const std::string& command, const std::vector<NamedPath>& inputs,
                        const std::vector<NamedPath>& outputs);

// Throws InputError if one of the outputs could not be written.
void check_all_writable(const std::vector<NamedPath>& outputs);

}  // namespace capcam

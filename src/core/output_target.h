// Where an output goes: a symbolic link stands for what it names, and a device or a pipe is never replaced by a file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

namespace capcam {

struct OutputTarget {
  std::filesystem::path path;     // links followed; need not exist
  bool replaced = true;           // by a file written beside it; false: a device or a pipe, written as it is
  std::optional<int> descriptor;  // of this process: /dev/stdout, /dev/fd/3
};

// Throws InputError for a folder and for links that lead nowhere, naming the path as given.
OutputTarget output_target(const std::filesystem::path& path);

// Throws InputError if an output could not be written there. Leaves nothing behind.
void check_writable(const std::filesystem::path& path);

// Whether writing one would change the other: the same file by any name, existing or not. Never a device or a pipe.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace capcam

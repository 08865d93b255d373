// The target of an output. A symbolic link stands for its target, and a device or a pipe is never replaced by a file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

namespace capcam {

struct OutputTarget {
  std::filesystem::path path;     // the path with links followed; it need not exist
  bool replaced = true;           // true if a file written beside it replaces it; false for a device or a pipe
  std::optional<int> descriptor;  // the descriptor of this process that it names: /dev/stdout, /dev/fd/3
};

// Throws InputError for a folder and for links that lead nowhere, naming the path as given.
OutputTarget output_target(const std::filesystem::path& path);

// Throws InputError if an output could not be written there. Leaves nothing behind.
void check_writable(const std::filesystem::path& path);

// Returns true if writing one would change the other, because both name the same file. False for a device or a pipe.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace capcam

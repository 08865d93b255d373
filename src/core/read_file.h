// Reads whole files of others into memory, up to a limit, so that /dev/zero cannot fill the memory. An error while
// reading is an error, not the end of the file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace capcam {

struct FileText {
  std::string text;
  std::string problem;  // says why it cannot be read; empty if `text` is all of it
};

// Reads a regular file, a pipe or a device, never a folder.
FileText read_file(const std::filesystem::path& path, std::size_t most_bytes);

}  // namespace capcam

// Whole files of others into memory, up to a limit: nobody's /dev/zero fills the memory, and an error while reading is
// an error, not the end of the file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace capcam {

struct FileText {
  std::string text;
  std::string problem;  // why it cannot be read; empty: `text` is all of it
};

// A regular file, a pipe or a device; never a folder.
FileText read_file(const std::filesystem::path& path, std::size_t most_bytes);

}  // namespace capcam

// The folder that a command writes its files into.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

namespace capcam {

// Made with what lies above it. What was made and is still empty at the end, because nothing came of the command, goes
// away again.
class OutputFolder {
 public:
  // Throws InputError if it cannot be made or written into.
  explicit OutputFolder(const std::filesystem::path& folder);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

 private:
  std::vector<std::filesystem::path> made_;  // the innermost first
};

}  // namespace capcam

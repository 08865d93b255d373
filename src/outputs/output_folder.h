// The folder that a command writes its files into.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <vector>

namespace capcam {

// Makes the folder and those above it. Folders that it made and that are still empty at the end, because the command
// failed, are removed again.
class OutputFolder {
 public:
  // Throws InputError if the folder cannot be made or written into.
  explicit OutputFolder(const std::filesystem::path& folder);
  ~OutputFolder();
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

 private:
  std::vector<std::filesystem::path> made_;  // folders made, the innermost first
};

}  // namespace capcam

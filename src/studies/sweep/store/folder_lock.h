// Lets one sweep at a time run in a folder. The lock ends with the process, however that happens.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace capcam {

class FolderLock {
 public:
  // Throws InputError that names the holder of the lock.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace capcam

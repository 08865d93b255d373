// One sweep at a time in a folder. The lock goes with the process, however that ends.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace capcam {

class FolderLock {
 public:
  // Throws InputError that names who holds it.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace capcam

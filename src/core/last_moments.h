// Keeps what a signal handler must know in the last moments of a process: which files are unfinished and have to go,
// and which files are mapped, so that a read beyond the end of one can be told by its name.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>

namespace capcam {

// A file that is removed if the process ends before it is finished. If there are more than 256 at a time, some are not
// remembered.
class UnfinishedFile {
 public:
  UnfinishedFile() = default;
  explicit UnfinishedFile(const std::filesystem::path& path);
  ~UnfinishedFile() { forget(); }
  UnfinishedFile(UnfinishedFile&& other) noexcept;
  UnfinishedFile& operator=(UnfinishedFile&& other) noexcept;
  void forget();

 private:
  const char* name_ = nullptr;
};

// A file that is read through memory.
class MappedName {
 public:
  MappedName(const std::filesystem::path& path, const void* begin, std::size_t bytes);
  ~MappedName();
  MappedName(const MappedName&) = delete;
  MappedName& operator=(const MappedName&) = delete;

 private:
  std::size_t slot_;
};

// Both may be called in a signal handler.
void remove_unfinished_files();
const char* mapped_name_of(const void* address);  // returns null if the address is of no mapped file

}  // namespace capcam

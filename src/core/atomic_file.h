// A file appears whole or not at all: it is written beside its name, then renamed. A device or a pipe is written
// directly.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/last_moments.h"
#include "core/output_target.h"

namespace capcam {

// Every member throws InputError naming the file and the system's reason.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();  // removes the file if it is unfinished
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;

  void write(std::string_view content);
  void finish();    // lets the file appear
  void complete();  // brings all to the disk, but not yet under its name; an OutputSet lets it appear

 private:
  friend class OutputSet;
  void flush();

  std::filesystem::path path_;  // the name as given
  OutputTarget target_;
  std::filesystem::path beside_;  // the name while unfinished; empty if there is no such file
  UnfinishedFile unfinished_;
  std::string buffer_;
  int file_ = -1;
};

void write_file_atomically(const std::filesystem::path& path, std::string_view content);

// Throws InputError: "cannot write PATH: REASON" of an errno.
[[noreturn]] void cannot_write(const std::filesystem::path& path, int error);

// Returns a name beside `path` that no other process or thread uses: PATH.part-PROCESS-NUMBER.
std::filesystem::path name_beside(const std::filesystem::path& path);

}  // namespace capcam

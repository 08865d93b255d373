// A file appears whole or not at all: written beside its name, then renamed. A device or a pipe is written as it is.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/output_target.h"

namespace capcam {

// Every member throws InputError naming the file and the system's reason.
class AtomicFile {
 public:
  explicit AtomicFile(const std::filesystem::path& path);
  ~AtomicFile();  // an unfinished file is removed
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view content);
  void finish();  // the file appears

 private:
  void flush();

  std::filesystem::path path_;  // as given
  OutputTarget target_;
  std::filesystem::path beside_;  // the name while unfinished
  std::string buffer_;
  int file_ = -1;
};

void write_file_atomically(const std::filesystem::path& path, std::string_view content);

// Throws InputError: "cannot write PATH: REASON" of an errno.
[[noreturn]] void cannot_write(const std::filesystem::path& path, int error);

}  // namespace capcam

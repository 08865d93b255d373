// SPDX-License-Identifier: Apache-2.0
#include "core/atomic_file.h"

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>

#include "core/error.h"

namespace capcam {
namespace {

// Unique among the processes and threads that may write the same file.
std::filesystem::path name_beside(const std::filesystem::path& path) {
  static std::atomic<std::uint64_t> counter{0};
  std::filesystem::path beside = path;
  beside += ".part-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
  return beside;
}

// Zero, or errno.
int write_all(int file, std::string_view content) {
  while (!content.empty()) {
    const ::ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

int write_new_file(const std::filesystem::path& path, std::string_view content) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (file < 0) return errno;
  int failure = write_all(file, content);
  if (failure == 0 && ::fsync(file) != 0) failure = errno;  // or a power cut may leave the new name on an empty file
  if (::close(file) != 0 && failure == 0) failure = errno;
  return failure;
}

}  // namespace

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path beside = name_beside(path);
  int failure = write_new_file(beside, content);
  if (failure == 0 && ::rename(beside.c_str(), path.c_str()) != 0) failure = errno;
  if (failure == 0) return;
  ::unlink(beside.c_str());
  throw InputError("cannot write " + path.string() + ": " + std::generic_category().message(failure));
}

}  // namespace capcam

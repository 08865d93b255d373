// SPDX-License-Identifier: Apache-2.0
#include "core/atomic_file.h"

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include "capcam/error.h"

namespace capcam {
namespace {

constexpr std::size_t buffer_bytes = std::size_t{1} << 16;

// Returns zero, or errno.
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

int open_as_it_is(const OutputTarget& target) {
  return target.descriptor ? ::fcntl(*target.descriptor, F_DUPFD_CLOEXEC, 0)
                           : ::open(target.path.c_str(), O_WRONLY | O_CLOEXEC);
}

}  // namespace

AtomicFile::AtomicFile(const std::filesystem::path& path) : path_(path), target_(output_target(path)) {
  if (!target_.replaced) {
    file_ = open_as_it_is(target_);
    if (file_ < 0) cannot_write(path_, errno);
    return;
  }
  do {  // a killed process of the same number may have left one
    beside_ = name_beside(target_.path);
    unfinished_ = UnfinishedFile(beside_);
    file_ = ::open(beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
  } while (file_ < 0 && (errno == EEXIST || errno == EINTR));
  if (file_ >= 0) return;
  const int failure = errno;
  unfinished_.forget();
  beside_.clear();
  cannot_write(path_, failure);
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      beside_(std::exchange(other.beside_, {})),
      unfinished_(std::move(other.unfinished_)),
      buffer_(std::move(other.buffer_)),
      file_(std::exchange(other.file_, -1)) {}

AtomicFile::~AtomicFile() {
  if (file_ >= 0) ::close(file_);
  if (!beside_.empty()) ::unlink(beside_.c_str());
}

void AtomicFile::write(std::string_view content) {
  if (buffer_.empty() && content.size() >= buffer_bytes) {  // a large content is not copied
    if (const int failure = write_all(file_, content)) cannot_write(path_, failure);
    return;
  }
  buffer_ += content;
  if (buffer_.size() >= buffer_bytes) flush();
}

void AtomicFile::flush() {
  if (const int failure = write_all(file_, buffer_)) cannot_write(path_, failure);
  buffer_.clear();
}

void AtomicFile::complete() {
  flush();
  int failure = 0;
  // Without this, a power cut may leave the new name on an empty file. File systems that cannot do it say EINVAL.
  while (target_.replaced && ::fsync(file_) != 0) {
    if (errno == EINTR) continue;
    failure = errno == EINVAL ? 0 : errno;
    break;
  }
  // After EINTR the descriptor is gone all the same.
  if (::close(std::exchange(file_, -1)) != 0 && failure == 0 && errno != EINTR) failure = errno;
  if (failure != 0) cannot_write(path_, failure);
}

void AtomicFile::finish() {
  complete();
  if (!target_.replaced) return;
  if (::rename(beside_.c_str(), target_.path.c_str()) != 0) cannot_write(path_, errno);
  beside_.clear();
  unfinished_.forget();
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.finish();
}

void cannot_write(const std::filesystem::path& path, int error) {
  throw InputError("cannot write " + path.string() + ": " + std::generic_category().message(error));
}

std::filesystem::path name_beside(const std::filesystem::path& path) {
  static std::atomic<std::uint64_t> counter{0};
  std::filesystem::path beside = path;
  beside += ".part-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
  return beside;
}

}  // namespace capcam

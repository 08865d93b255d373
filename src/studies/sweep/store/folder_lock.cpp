// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/store/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include "capcam/error.h"
#include "core/printable.h"

namespace capcam {

FolderLock::FolderLock(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "sweep.lock";
  // The folder may come from elsewhere: nothing is written through a link, or waits for a pipe.
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
  if (file_ < 0 && errno == ELOOP)
    throw InputError(fmt::format("{}: a symbolic link: it is not followed", path.string()));
  if (file_ < 0) throw InputError(fmt::format("cannot write into {}: {}", folder.string(), std::strerror(errno)));
  struct stat status {};
  const bool plain = ::fstat(file_, &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink == 1;
  if (!plain) {
    ::close(file_);
    throw InputError(
        fmt::format("{}: expected a regular file with no other name (a hard link): delete it", path.string()));
  }
  int failure = 0;
  while (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    failure = errno;
    if (failure != EINTR) break;
    failure = 0;
  }
  if (failure == EWOULDBLOCK) {
    std::array<char, 256> who{};
    const ::ssize_t length = ::pread(file_, who.data(), who.size() - 1, 0);
    ::close(file_);
    const std::string holder(who.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    throw InputError(fmt::format("another sweep is at work in {} ({}); nothing was changed", folder.string(),
                                 holder.empty() ? "who is not known" : printable(holder)));
  }
  if (failure != 0) {
    ::close(file_);
    throw InputError(fmt::format("cannot lock {}: {}: results need a folder on a file system that has locks",
                                 path.string(), std::strerror(failure)));
  }
  std::array<char, 128> host{};
  ::gethostname(host.data(), host.size() - 1);
  const std::string self = fmt::format("process {} on {}", ::getpid(), host.data());
  // The text only serves that message, so a failure to write it (a full disk) is left for later writes to report.
  if (::ftruncate(file_, 0) == 0 && ::pwrite(file_, self.data(), self.size(), 0) < 0) return;
}

FolderLock::~FolderLock() { ::close(file_); }

}  // namespace capcam

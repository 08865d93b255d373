// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/store/folder_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
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
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file_ < 0) throw InputError(fmt::format("cannot write into {}: {}", folder.string(), std::strerror(errno)));
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 256> who{};
    const ::ssize_t length = ::pread(file_, who.data(), who.size() - 1, 0);
    ::close(file_);
    const std::string holder(who.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
    throw InputError(fmt::format("another sweep is at work in {} ({}); nothing was changed", folder.string(),
                                 holder.empty() ? "who is not known" : printable(holder)));
  }
  std::array<char, 128> host{};
  ::gethostname(host.data(), host.size() - 1);
  const std::string self = fmt::format("process {} on {}", ::getpid(), host.data());
  // For that message alone: a disk too full for it is noticed where it matters.
  if (::ftruncate(file_, 0) == 0 && ::pwrite(file_, self.data(), self.size(), 0) < 0) return;
}

FolderLock::~FolderLock() { ::close(file_); }

}  // namespace capcam

// SPDX-License-Identifier: Apache-2.0
#include "core/output_set.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>
#include <system_error>
#include <utility>

#include "capcam/error.h"

namespace capcam {
namespace {

namespace fs = std::filesystem;

// While it lives, no other set changes names, where the file system has locks, and no signal ends the process.
class Exclusively {
 public:
  explicit Exclusively(const fs::path& folder) : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    while (folder_ >= 0 && ::flock(folder_, LOCK_EX) != 0 && errno == EINTR) {
    }
    ::sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before_);
  }
  ~Exclusively() {
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    if (folder_ >= 0) ::close(folder_);
  }
  Exclusively(const Exclusively&) = delete;
  Exclusively& operator=(const Exclusively&) = delete;

 private:
  int folder_;
  ::sigset_t before_{};
};

// Keeps an old file under another name until the new ones are there.
class SetAside {
 public:
  explicit SetAside(const fs::path& path) : path_(path), aside_(name_beside(path)) {
    if (::rename(path_.c_str(), aside_.c_str()) == 0) return;
    aside_.clear();
    if (errno != ENOENT) cannot_write(path_, errno);
  }
  SetAside(SetAside&& other) noexcept : path_(std::move(other.path_)), aside_(std::exchange(other.aside_, {})) {}
  SetAside& operator=(SetAside&&) = delete;
  ~SetAside() {  // lets the old file come back
    if (aside_.empty() || ::rename(aside_.c_str(), path_.c_str()) == 0) return;
    if (::link(aside_.c_str(), path_.c_str()) == 0) ::unlink(aside_.c_str());
  }
  void forget() {
    if (!aside_.empty()) ::unlink(aside_.c_str());
    aside_.clear();
  }

 private:
  fs::path path_, aside_;
};

// A new file that goes away again unless the whole set is there.
class Appeared {
 public:
  explicit Appeared(const fs::path& path) : path_(path) {}
  Appeared(Appeared&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Appeared& operator=(Appeared&&) = delete;
  ~Appeared() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  void keep() { path_.clear(); }

 private:
  fs::path path_;
};

}  // namespace

void OutputSet::check_name(const fs::path& name) const {
  std::error_code failed;
  const fs::file_status status = fs::symlink_status(folder_ / name, failed);
  if (!fs::exists(status) || fs::is_regular_file(status)) return;
  throw InputError("cannot write " + (folder_ / name).string() +
                   (fs::is_symlink(status) ? ": a symbolic link: an output folder's files are never written through one"
                                           : ": expected a regular file or a new name"));
}

void OutputSet::add(const fs::path& name, std::string_view content) {
  check_name(name);
  AtomicFile file(folder_ / name);
  file.write(content);
  file.complete();
  files_.push_back(std::move(file));
}

void OutputSet::add(AtomicFile&& completed) { files_.push_back(std::move(completed)); }

void OutputSet::remove(const fs::path& name) { removed_.push_back(folder_ / name); }

void OutputSet::publish() {
  const Exclusively exclusively(folder_);
  std::vector<SetAside> old;  // is destroyed last, so that old files come back to free names
  std::vector<Appeared> appeared;
  for (auto file = files_.rbegin(); file != files_.rend(); ++file) {
    if (file->target_.replaced) old.emplace_back(file->target_.path);
  }
  for (const fs::path& path : removed_) old.emplace_back(path);
  for (AtomicFile& file : files_) {
    if (!file.target_.replaced) continue;
    if (::rename(file.beside_.c_str(), file.target_.path.c_str()) != 0) cannot_write(file.path_, errno);
    file.beside_.clear();
    file.unfinished_.forget();
    appeared.emplace_back(file.target_.path);
  }
  for (Appeared& file : appeared) file.keep();
  for (SetAside& file : old) file.forget();
}

void write_set(const fs::path& folder, const std::vector<std::pair<std::string, std::string>>& files) {
  OutputSet set(folder);
  for (const auto& [name, content] : files) set.add(name, content);
  set.publish();
}

}  // namespace capcam

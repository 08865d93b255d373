// SPDX-License-Identifier: Apache-2.0
#include "core/output_target.h"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <string>
#include <system_error>

#include "capcam/error.h"
#include "core/atomic_file.h"

namespace capcam {
namespace {

namespace fs = std::filesystem;

constexpr int longest_chain = 40;  // links that are followed, as many as the Linux kernel follows

// Returns the 3 of /dev/fd/3. If that were opened again, a file behind it would be written from its beginning.
std::optional<int> own_descriptor(const fs::path& path) {
  if (path.parent_path() != "/dev/fd" && path.parent_path() != "/proc/self/fd") return std::nullopt;
  const std::string name = path.filename().string();
  int number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || end != name.data() + name.size() || number < 0) return std::nullopt;
  return number;
}

bool is_special(const fs::file_status& status) {
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

}  // namespace

OutputTarget output_target(const fs::path& path) {
  OutputTarget target;
  target.path = path;
  std::error_code failed;
  for (int link = 0;; ++link) {
    target.descriptor = own_descriptor(target.path);
    if (target.descriptor) target.replaced = false;
    if (target.descriptor || !fs::is_symlink(fs::symlink_status(target.path, failed))) break;
    const fs::path next = fs::read_symlink(target.path, failed);
    if (failed || link == longest_chain) cannot_write(path, failed ? failed.value() : ELOOP);
    target.path = target.path.parent_path() / next;  // an absolute one stands for itself
  }
  if (target.descriptor) return target;
  const fs::file_status status = fs::status(target.path, failed);
  if (fs::is_directory(status) || !path.has_filename()) cannot_write(path, EISDIR);
  target.replaced = !is_special(status);
  return target;
}

void check_writable(const fs::path& path) {
  const OutputTarget target = output_target(path);
  if (target.replaced) {
    AtomicFile unfinished(path);
  } else if (!target.descriptor && ::access(target.path.c_str(), W_OK) != 0) {  // opening a pipe would wait
    cannot_write(path, errno);
  }
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code failed;
  if (is_special(fs::status(a, failed)) || is_special(fs::status(b, failed))) return false;
  if (fs::equivalent(a, b, failed)) return true;
  // Where one may not look, or a name is too long, only the path itself can be compared.
  const auto place = [](const fs::path& path) {
    std::error_code unknown;
    fs::path target = path;
    if (!fs::is_directory(path, unknown)) {
      try {
        target = output_target(path).path;
      } catch (const InputError&) {  // the error is told when the file is written
      }
    }
    const fs::path absolute = fs::absolute(target, unknown).lexically_normal();
    const fs::path canonical = fs::weakly_canonical(absolute, unknown);
    return canonical.empty() ? absolute : canonical;
  };
  return place(a) == place(b);
}

}  // namespace capcam

// SPDX-License-Identifier: Apache-2.0
#include "core/read_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace capcam {

FileText read_file(const std::filesystem::path& path, std::size_t most_bytes) {
  constexpr std::size_t block = std::size_t{1} << 16;
  const auto reason = [](int error) { return FileText{"", std::generic_category().message(error)}; };
  int file = -1;
  do {
    file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  } while (file < 0 && errno == EINTR);
  if (file < 0) return reason(errno);
  FileText result;
  for (;;) {
    const std::size_t had = result.text.size();
    result.text.resize(had + std::min(block, most_bytes + 1 - had));
    const ::ssize_t got = ::read(file, result.text.data() + had, result.text.size() - had);
    const int failure = errno;
    result.text.resize(had + static_cast<std::size_t>(std::max<::ssize_t>(got, 0)));
    if (got < 0 && failure == EINTR) continue;
    if (got < 0) result = reason(failure);
    if (result.text.size() > most_bytes) result = {"", fmt::format("it has more than {} bytes", most_bytes)};
    if (got <= 0 || !result.problem.empty()) break;
  }
  ::close(file);
  return result;
}

}  // namespace capcam

// SPDX-License-Identifier: Apache-2.0
#include "outputs/output_folder.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "capcam/error.h"

namespace capcam {
namespace {

void remove_if_empty(const std::vector<std::filesystem::path>& folders) {
  std::error_code not_empty;
  for (const std::filesystem::path& folder : folders) std::filesystem::remove(folder, not_empty);
}

}  // namespace

OutputFolder::OutputFolder(const std::filesystem::path& folder) {
  std::error_code failed;
  for (std::filesystem::path above = folder; !above.empty() && !std::filesystem::exists(above, failed);) {
    if (above.has_filename()) made_.push_back(above);  // the parent of "out/" is "out" itself
    above = above.parent_path();
  }
  std::filesystem::create_directories(folder, failed);
  if (failed) {
    remove_if_empty(made_);
    throw InputError("cannot make the output folder " + folder.string() + ": " + failed.message());
  }
  if (!std::filesystem::is_directory(folder, failed))
    throw InputError("the output folder " + folder.string() + " is not a folder");
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    throw InputError("cannot write into the output folder " + folder.string() + ": " + std::strerror(errno));
}

OutputFolder::~OutputFolder() { remove_if_empty(made_); }

}  // namespace capcam

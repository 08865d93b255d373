// SPDX-License-Identifier: Apache-2.0
#include "core/resources.h"

#include <cstdlib>
#include <system_error>

#include "capcam/error.h"

namespace capcam {
namespace {

std::filesystem::path& named_folder() {
  static std::filesystem::path folder;
  return folder;
}

}  // namespace

void name_resource_folder(const std::filesystem::path& folder) { named_folder() = folder; }

std::vector<std::filesystem::path> resource_folders() {
  std::vector<std::filesystem::path> folders;
  if (const char* data = std::getenv("CAPCAM_DATA"); data != nullptr && *data != '\0') folders.emplace_back(data);
  if (!named_folder().empty()) folders.push_back(named_folder());
  std::error_code failed;
  const std::filesystem::path executable = std::filesystem::read_symlink("/proc/self/exe", failed);
  if (!failed) folders.push_back(executable.parent_path().parent_path() / "share" / "capcam");
#ifdef CAPCAM_SOURCE_DIR
  folders.emplace_back(CAPCAM_SOURCE_DIR);
#endif
#ifdef CAPCAM_INSTALLED_DATA
  folders.emplace_back(CAPCAM_INSTALLED_DATA);
#endif
  return folders;
}

std::filesystem::path find_resource(std::string_view relative) {
  std::vector<std::string> looked_at;
  for (const std::filesystem::path& folder : resource_folders()) {
    std::filesystem::path path = folder / relative;
    std::error_code failed;
    if (std::filesystem::exists(path, failed)) return path;
    looked_at.push_back("looked for " + path.string());
  }
  looked_at.emplace_back("CAPCAM_DATA may name the folder that holds configs, models and traces");
  throw InputError("cannot find " + std::string(relative), looked_at);
}

}  // namespace capcam

// Configurations of a test: files in a folder that goes away, and card names that resolve whatever cards are shipped.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "capcam/error.h"

namespace capcam::testing {

class ConfigFiles {
 public:
  ConfigFiles() {
    static std::atomic<unsigned> count{0};
    folder_ = std::filesystem::temp_directory_path() /
              ("capcam-config-test-" + std::to_string(::getpid()) + "-" + std::to_string(count++));
    if (const char* data = std::getenv("CAPCAM_DATA")) data_before_ = data;
    write("data/models/dram/camformer.toml", "");
    write("data/models/camformer45/library.toml", "");
    ::setenv("CAPCAM_DATA", (folder_ / "data").c_str(), 1);
  }
  ~ConfigFiles() {
    if (data_before_.empty()) {
      ::unsetenv("CAPCAM_DATA");
    } else {
      ::setenv("CAPCAM_DATA", data_before_.c_str(), 1);
    }
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  ConfigFiles(const ConfigFiles&) = delete;
  ConfigFiles& operator=(const ConfigFiles&) = delete;

  std::filesystem::path write(std::string_view name, std::string_view text) const {
    const std::filesystem::path path = folder_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  std::filesystem::path folder() const { return folder_; }

  // Returns a problem's line without the folder: "bad.toml:4:8: ...".
  std::string relative(std::string line) const {
    const std::string folder = folder_.string() + "/";
    for (std::size_t at; (at = line.find(folder)) != std::string::npos;) line.erase(at, folder.size());
    return line;
  }

  // Returns the problems that `read` throws; none if it throws nothing.
  template <class Read>
  std::vector<std::string> problems_of(Read read) const {
    std::vector<std::string> lines;
    try {
      read();
    } catch (const InputError& error) {
      for (const std::string& line : error.problems()) lines.push_back(relative(line));
      if (lines.empty()) lines.push_back(relative(error.what()));
    }
    return lines;
  }

 private:
  std::filesystem::path folder_;
  std::string data_before_;
};

}  // namespace capcam::testing

// The places of the project, the built program and the build. CMake tells them to one file of each test program.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace capcam::testing {

std::filesystem::path source_dir();
std::filesystem::path build_dir();
std::string capcam_binary();
std::string cmake_binary();
std::string fault_library();  // tests/support/faults.cpp, to be preloaded; empty in builds with sanitizers

}  // namespace capcam::testing

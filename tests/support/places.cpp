// SPDX-License-Identifier: Apache-2.0
#include "support/places.h"

namespace capcam::testing {

std::filesystem::path source_dir() { return CAPCAM_SOURCE_DIR; }
std::filesystem::path build_dir() { return CAPCAM_BUILD_DIR; }
std::string capcam_binary() { return CAPCAM_BINARY; }
std::string cmake_binary() { return CAPCAM_CMAKE; }
std::string fault_library() { return CAPCAM_FAULT_LIBRARY; }

}  // namespace capcam::testing

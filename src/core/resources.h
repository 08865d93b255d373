// Where configs, models and traces lie: $CAPCAM_DATA, else the folder the host program named, else beside an installed
// capcam (../share/capcam), else the source tree, else the prefix that capcam was configured for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace capcam {

// For a library inside another program (Python), whose place says nothing of ours. Call it before the first use.
void name_resource_folder(const std::filesystem::path& folder);

// The places looked at, in that order; not all of them need exist.
std::vector<std::filesystem::path> resource_folders();

// The file or folder `relative` ("models/camformer45") below the first of these that has it. Throws InputError naming
// every place looked at.
std::filesystem::path find_resource(std::string_view relative);

}  // namespace capcam

// Finds configs, models and traces: in $CAPCAM_DATA, else in the folder the host program named, else beside an
// installed capcam (../share/capcam), else the source tree, else the prefix that capcam was configured for.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace capcam {

// Names the folder for a library inside another program (Python), whose place is not ours. Call it before the first
// use.
void name_resource_folder(const std::filesystem::path& folder);

// Returns the places searched, in that order; not all of them need exist.
std::vector<std::filesystem::path> resource_folders();

// Returns the file or folder `relative` ("models/camformer45") below the first of these that has it. Throws InputError
// naming every place searched.
std::filesystem::path find_resource(std::string_view relative);

}  // namespace capcam

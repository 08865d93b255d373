// A file appears whole or not at all: written beside its name, then renamed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string_view>

namespace capcam {

// Throws InputError naming the file and the system's reason.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace capcam

// Makes a checked Config of a TOML tree.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>

#include "capcam/config.h"
#include "config/toml_tree.h"

namespace capcam {

// Does what read_config does, with a tree that is already read. The heading of its problems names `file`.
Config read_config_tree(const std::filesystem::path& file, TomlTree tree,
                        const std::optional<std::filesystem::path>& own_models = {});

}  // namespace capcam

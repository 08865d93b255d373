// Writes the resolved config, with every key, as JSON and as TOML that reads back to the same config.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "capcam/config.h"

namespace capcam {

nlohmann::ordered_json config_to_json(const Config& config);  // writes infinity as the string "inf"
std::string config_to_toml(const Config& config);

}  // namespace capcam

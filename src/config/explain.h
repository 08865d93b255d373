// Explains the keys of a configuration: every key with default, range, unit and text, straight from the structs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace capcam {

// Explains every key by section, the keys of one section ("array"), or one key ("array.rows", or "rows" if only one
// section has it) with the values it may take. Throws InputError naming the nearest key.
std::string explain(std::string_view key_or_section = {});

}  // namespace capcam

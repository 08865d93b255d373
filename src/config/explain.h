// What a configuration may say: every key with default, range, unit and text, straight from the structs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace capcam {

// Every key by section; of one section ("array"); or one key ("array.rows", or "rows" where only one section has it)
// with the values it may take. Throws InputError naming the nearest key.
std::string explain(std::string_view key_or_section = {});

}  // namespace capcam

// Tells how deep a text of TOML nests, before it is parsed, because tables are built and freed by recursion.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace capcam {

// Returns the number of names in the longest dotted key plus the brackets that are open around it. Texts and comments
// are passed over. For a text that is no TOML the number means little, but is never less than what a parser would
// build.
std::size_t toml_depth(std::string_view text);

}  // namespace capcam

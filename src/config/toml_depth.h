// How deep a text of TOML nests, before it is parsed: tables are built and freed by recursion.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace capcam {

// Names of the longest dotted key, plus the brackets that are open around it. Texts and comments are passed over; of a
// text that is no TOML the number means little, but is never less than what a parser would build of it.
std::size_t toml_depth(std::string_view text);

}  // namespace capcam

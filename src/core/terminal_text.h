// Prepares text of others (files, paths, cards, traces) for a terminal. Everything that a terminal acts on instead of
// showing it is written as \xNN, byte by byte: control characters, the C1 controls U+0080 to U+009F, what turns the
// direction of writing, the line separators U+2028 and U+2029, and bytes that are no UTF-8.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace capcam {

// The first character of a text that is not empty.
struct FirstCharacter {
  std::size_t bytes = 1;  // bytes of the text that it takes
  bool harmless = true;   // false if it must not be shown as it is
};
FirstCharacter first_character(std::string_view text);

// "\xe2\x80\xae"
std::string escaped_bytes(std::string_view bytes);

// Does the same with a text of several lines, whose line feeds and tabs stay.
std::string for_terminal(std::string_view text);

// Does the same with JSON, where such characters stand only in strings: they become \uNNNN.
std::string json_for_terminal(std::string_view json);

}  // namespace capcam

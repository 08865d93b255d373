// Finds the known word that a user most likely meant.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace capcam {

// Counts letters to insert, delete or replace, or neighbours to swap, to turn a into b (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b);

// Returns nothing if no known word is near: at most a third of the letters may differ, or one word begins with the
// other. Capitals do not count. Of equally near words, the first is returned.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

// Returns, for dotted keys, the same last name in other sections (all of them), else the nearest in the key's own
// section, else the nearest anywhere.
std::vector<std::string> nearest_keys(std::string_view key, std::span<const std::string> known);

// Returns "a", "a" or "b", ..., quoted, for "did you mean ...?".
std::string quoted_choice(std::span<const std::string> words);

}  // namespace capcam

// The known word a user most likely meant.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace capcam {

// Letters to insert, delete or replace, or neighbours to swap, to make a into b (optimal string alignment distance).
std::size_t edit_distance(std::string_view a, std::string_view b);

// Nothing if no known word is near: at most a third of the letters may differ, or one word begins with the other.
// Capitals do not count. The first of equally near words.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known);

// For dotted keys: the same last name in other sections (all of them), else the nearest in the key's own section, else
// the nearest anywhere.
std::vector<std::string> nearest_keys(std::string_view key, std::span<const std::string> known);

// "a", "a" or "b", ...: quoted, for "did you mean ...?"
std::string quoted_choice(std::span<const std::string> words);

}  // namespace capcam

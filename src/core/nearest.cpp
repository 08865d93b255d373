// SPDX-License-Identifier: Apache-2.0
#include "core/nearest.h"

#include <algorithm>

namespace capcam {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& letter : result) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return result;
}

std::string_view section_of(std::string_view key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string_view::npos ? std::string_view{} : key.substr(0, dot);
}

std::string_view leaf_of(std::string_view key) { return key.substr(key.rfind('.') + 1); }  // npos + 1 is 0

// Returns the known key whose last name is nearest to that of `key`, among those that `take` accepts.
template <class Take>
std::optional<std::string> nearest_leaf(std::string_view key, std::span<const std::string> known, Take take) {
  std::vector<std::string> leaves;
  std::vector<std::string> keys;
  for (const std::string& candidate : known) {
    if (!take(candidate)) continue;
    leaves.emplace_back(leaf_of(candidate));
    keys.push_back(candidate);
  }
  const std::optional<std::string> leaf = nearest(leaf_of(key), leaves);
  if (!leaf) return std::nullopt;
  return keys[static_cast<std::size_t>(std::find(leaves.begin(), leaves.end(), *leaf) - leaves.begin())];
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);  // rows i - 2, i - 1 and i of the table
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known) {
  constexpr std::size_t shortest_start = 3;  // "n" begins too many words
  constexpr std::size_t longest_word = 200;  // nobody mistypes longer words, and the table stays small
  if (word.empty() || word.size() > longest_word) return std::nullopt;
  const std::string wanted = lower(word);
  const std::string* best = nullptr;
  std::size_t best_rank = 0;
  for (const std::string& candidate : known) {
    const std::string name = lower(candidate);
    const std::size_t distance = edit_distance(wanted, name);
    const bool begins = std::min(wanted.size(), name.size()) >= shortest_start &&
                        (name.starts_with(wanted) || wanted.starts_with(name));
    if (distance > std::max(wanted.size(), name.size()) / 3 && !begins) continue;
    if (best == nullptr || distance < best_rank) {
      best = &candidate;
      best_rank = distance;
    }
  }
  if (best == nullptr) return std::nullopt;
  return *best;
}

std::vector<std::string> nearest_keys(std::string_view key, std::span<const std::string> known) {
  std::vector<std::string> same_leaf;
  for (const std::string& candidate : known) {
    if (leaf_of(candidate) == leaf_of(key)) same_leaf.push_back(candidate);
  }
  if (!same_leaf.empty()) return same_leaf;
  const std::string_view section = section_of(key);
  std::optional<std::string> found =
      nearest_leaf(key, known, [&](const std::string& candidate) { return section_of(candidate) == section; });
  if (!found) found = nearest_leaf(key, known, [](const std::string&) { return true; });
  if (!found) return {};
  return {*found};
}

std::string quoted_choice(std::span<const std::string> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text += '"' + words[i] + '"';
  }
  return text;
}

}  // namespace capcam

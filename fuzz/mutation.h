// A random change of an input: bytes, pieces, numbers, pieces of other inputs. It knows nothing of coverage.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace capcam::fuzz {

// One of `inputs`, changed once or several times. `inputs` has at least one.
inline std::string mutated(const std::vector<std::string>& inputs, std::mt19937_64& random) {
  const auto below = [&](std::size_t limit) { return limit == 0 ? 0 : static_cast<std::size_t>(random() % limit); };
  constexpr std::string_view words[] = {"-1", "0", "1e999", "nan", "inf", "18446744073709551616",
                                        "[",  "{", "\"",    "\n",  "."};
  constexpr std::size_t longest = 16384, longest_piece = 64;
  std::string text = inputs[below(inputs.size())];
  for (std::size_t changes = 1 + below(6); changes > 0; --changes) {
    const std::size_t at = below(text.size() + 1), piece = std::min(below(longest_piece), text.size() - at);
    const std::string& other = inputs[below(inputs.size())];
    const std::size_t from = below(other.size() + 1);
    switch (below(7)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 1:
        if (at < text.size()) text[at] = static_cast<char>(random());
        break;
      case 2:
        text.erase(at, piece);
        break;
      case 3:
        text.insert(at, text.substr(at, piece));
        break;
      case 4:
        text.insert(at, other.substr(from, below(longest_piece)));
        break;
      case 5:
        text.replace(at, piece, words[below(std::size(words))]);
        break;
      default:
        text = text.substr(0, at) + other.substr(from);
        break;
    }
    if (text.size() > longest) text.resize(longest);
  }
  return text;
}

}  // namespace capcam::fuzz

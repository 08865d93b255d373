// SPDX-License-Identifier: Apache-2.0
#include "config/toml_depth.h"

#include <algorithm>

namespace capcam {
namespace {

// Returns the end of the quoted text that begins at `at`: the place behind its closing quotes, else the end of the line
// or of everything.
std::size_t end_of_text(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string_view triple = text.substr(at, 3);
  const bool several_lines = triple.size() == 3 && triple[1] == quote && triple[2] == quote;
  for (at += several_lines ? 3 : 1; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (several_lines && text.substr(at, 3) == triple) {
      at += 3;
      while (at < text.size() && text[at] == quote) ++at;  // up to two quotes may stand before the closing ones
      return at;
    } else if (!several_lines && (text[at] == quote || text[at] == '\n')) {
      return at + 1;
    }
  }
  return text.size();
}

}  // namespace

std::size_t toml_depth(std::string_view text) {
  std::size_t deepest = 0, open = 0, names = 1;
  for (std::size_t at = 0; at < text.size();) {
    switch (text[at]) {
      case '"':
      case '\'':
        at = end_of_text(text, at);
        continue;
      case '#':
        at = std::min(text.find('\n', at), text.size());
        continue;
      case '.':
        ++names;
        break;
      case '[':
      case '{':
        ++open;
        names = 1;
        break;
      case ']':
      case '}':
        open -= open > 0 ? 1 : 0;
        names = 1;
        break;
      case '=':
      case ',':
      case '\n':
        names = 1;
        break;
      default:
        break;
    }
    deepest = std::max(deepest, open + names);
    ++at;
  }
  return deepest;
}

}  // namespace capcam

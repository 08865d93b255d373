// SPDX-License-Identifier: Apache-2.0
#include "core/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

namespace capcam {
namespace {

constexpr int deepest = 64;
constexpr std::size_t most_members = 10'000;  // a report has some hundreds

struct Extent {
  int depth = 0;            // brackets that are open at a time, at most
  std::size_t members = 0;  // members of all objects together
};

// Counts what stands outside of strings, up to where it is too deep.
Extent extent_of(std::string_view text) {
  Extent extent;
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size() && extent.depth <= deepest; ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      extent.depth = std::max(extent.depth, ++depth);
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ':') {
      ++extent.members;
    }
  }
  return extent;
}

}  // namespace

template <class Json>
std::variant<Json, std::string> read_json(std::string_view text) {
  const Extent extent = extent_of(text);
  if (extent.depth > deepest) return fmt::format("nested more than {} deep", deepest);
  // An object that keeps its order looks for a member by going through all of them.
  if (std::is_same_v<Json, nlohmann::ordered_json> && extent.members > most_members)
    return fmt::format("expected at most {} members of objects, got {}", most_members, extent.members);
  // The parser takes a zero byte for the end, whatever comes behind it.
  if (const std::size_t zero = text.find('\0'); zero != text.npos) return fmt::format("a zero byte at byte {}", zero);
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    const std::string what = error.what();  // "[json.exception.parse_error.101] parse error at line ..."
    const std::size_t bracket = what.find("] ");
    return "not JSON: " + (bracket == std::string::npos ? what : what.substr(bracket + 2));
  }
}

template std::variant<nlohmann::json, std::string> read_json(std::string_view);
template std::variant<nlohmann::ordered_json, std::string> read_json(std::string_view);

}  // namespace capcam

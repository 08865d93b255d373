// SPDX-License-Identifier: Apache-2.0
#include "core/json_text.h"

#include <fmt/format.h>

namespace capcam {
namespace {

constexpr int deepest = 64;

// Brackets that are open at a time, those in strings left out.
bool nested_too_deeply(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > deepest) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace

template <class Json>
std::variant<Json, std::string> read_json(std::string_view text) {
  if (nested_too_deeply(text)) return fmt::format("nested more than {} deep", deepest);
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

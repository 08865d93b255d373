// SPDX-License-Identifier: Apache-2.0
#include "core/terminal_text.h"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>

namespace capcam {
namespace {

struct Decoded {
  std::uint32_t code = 0;
  std::size_t bytes = 0;  // 0 if it is no UTF-8
};

// RFC 3629 allows no overlong forms and no surrogates, and at most U+10FFFF.
Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80u) return {lead, 1};
  const std::size_t bytes = lead >= 0xf0u ? 4 : lead >= 0xe0u ? 3 : 2;
  if (lead < 0xc2u || lead > 0xf4u || text.size() < bytes) return {};
  std::uint32_t code = lead & (0x7fu >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0u) != 0x80u) return {};
    code = code << 6 | (byte(i) & 0x3fu);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800u && code <= 0xdfffu;
  return code < least[bytes] || surrogate || code > 0x10ffffu ? Decoded{} : Decoded{code, bytes};
}

bool acts_on_terminal(std::uint32_t code) {
  const auto within = [code](std::uint32_t first, std::uint32_t last) { return code >= first && code <= last; };
  return code < 0x20u || within(0x7f, 0x9f) || code == 0x61cu || within(0x200e, 0x200f) || within(0x2028, 0x202e) ||
         within(0x2066, 0x2069) || code == 0xfeffu || within(0xfff9, 0xfffb);
}

template <class Escape>
std::string escaped(std::string_view text, Escape escape) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const FirstCharacter first = first_character(text);
    const std::string_view character = text.substr(0, first.bytes);
    if (first.harmless || text[0] == '\n' || text[0] == '\t') {
      result += character;
    } else {
      result += escape(character);
    }
    text.remove_prefix(first.bytes);
  }
  return result;
}

}  // namespace

FirstCharacter first_character(std::string_view text) {
  const Decoded decoded = decode(text);
  if (decoded.bytes == 0) return {1, false};
  return {decoded.bytes, !acts_on_terminal(decoded.code)};
}

std::string escaped_bytes(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) fmt::format_to(std::back_inserter(text), "\\x{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::string for_terminal(std::string_view text) { return escaped(text, escaped_bytes); }

std::string json_for_terminal(std::string_view json) {
  return escaped(json, [](std::string_view character) {
    const Decoded decoded = decode(character);  // all of them lie below U+10000
    return decoded.bytes == 0 ? std::string("\\ufffd") : fmt::format("\\u{:04x}", decoded.code);
  });
}

}  // namespace capcam

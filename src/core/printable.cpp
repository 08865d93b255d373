// SPDX-License-Identifier: Apache-2.0
#include "core/printable.h"

#include <fmt/format.h>

#include <utility>

namespace capcam {

std::string printable(std::string_view text, std::size_t limit) {
  std::string result;
  std::size_t taken = 0;
  for (; taken < text.size(); ++taken) {
    const auto byte = static_cast<unsigned char>(text[taken]);
    const bool continues = (byte & 0xc0u) == 0x80u;  // inside a UTF-8 character: never cut there
    if (taken >= limit && (!continues || taken >= limit + 3)) break;
    if (byte < 0x20u || byte == 0x7fu) {
      result += fmt::format("\\x{:02x}", byte);
    } else {
      result += text[taken];
    }
  }
  if (taken < text.size()) result += "...";
  return result;
}

void Problems::add(std::string problem) {
  if (lines_.size() < limit_) {
    lines_.push_back(std::move(problem));
  } else {
    ++left_out_;
  }
}

std::vector<std::string> Problems::take() {
  if (left_out_ > 0) lines_.push_back(fmt::format("and {} more", left_out_));
  left_out_ = 0;
  return std::exchange(lines_, {});
}

}  // namespace capcam

// SPDX-License-Identifier: Apache-2.0
#include "core/printable.h"

#include <fmt/format.h>

#include <utility>

#include "core/terminal_text.h"

namespace capcam {

std::string printable(std::string_view text, std::size_t limit) {
  std::string result;
  std::size_t taken = 0;
  while (taken < text.size() && taken < limit) {
    const FirstCharacter first = first_character(text.substr(taken));
    const std::string_view character = text.substr(taken, first.bytes);
    result += first.harmless ? std::string(character) : escaped_bytes(character);
    taken += first.bytes;
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

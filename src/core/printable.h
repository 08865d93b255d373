// Prepares text of an untrusted file for messages.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace capcam {

// Returns the text on one line, with what a terminal acts on as \xNN (core/terminal_text.h). It is cut after about
// `limit` bytes, never within a character; an ellipsis says that there was more.
std::string printable(std::string_view text, std::size_t limit = 80);

// "[2, 4, 64]"
template <class Numbers>
std::string shape_text(const Numbers& shape) {
  std::string text = "[";
  for (const auto size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

// Collects the problems of one file. A hostile file could hold millions, so beyond a limit they are only counted.
class Problems {
 public:
  void add(std::string problem);
  bool empty() const { return lines_.empty(); }
  std::vector<std::string> take();

 private:
  static constexpr std::size_t limit_ = 100;
  std::vector<std::string> lines_;
  std::size_t left_out_ = 0;
};

}  // namespace capcam

// Errors are of two kinds: wrong input of the user (exit status 2) and broken laws of the simulator (exit status 3).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace capcam {

// The user's input is wrong. The error carries every problem found. Each is a line that names the place (file, line,
// column, key or tensor), what was expected and what was got.
class InputError : public std::runtime_error {
 public:
  // `what` says what was being read; `problems` are the lines below it.
  InputError(const std::string& what, std::vector<std::string> problems);
  explicit InputError(const std::string& what) : InputError(what, {}) {}

  const std::vector<std::string>& problems() const { return problems_; }

 private:
  std::vector<std::string> problems_;
};

// A law of the simulator does not hold, which is a bug in capcam and never the user's fault.
class LawBroken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// The user asked to stop (exit status 130). The message says what became of the work.
class Interrupted : public std::runtime_error {
 public:
  explicit Interrupted(const std::string& text = "nothing was written") : std::runtime_error(text) {}
};

}  // namespace capcam

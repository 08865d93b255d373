// Runs a program for its output. The program ends when this process ends, however that happens.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace capcam {

struct ChildEnd {
  int status = 0;  // exit status, or -signal
  std::string out;
  std::string err;
};

// The child reads `input` from the file named `child_input`. Throws Interrupted when asked to stop (the child is ended
// first), and InputError if the program cannot be started.
ChildEnd run_child(const std::string& program, const std::vector<std::string>& arguments, const std::string& input,
                   const std::function<bool()>& stop_requested);

extern const char* const child_input;

}  // namespace capcam

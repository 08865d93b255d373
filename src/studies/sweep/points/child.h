// A program run for what it prints. It ends with this process, however that ends.
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

// `input` is what the child reads under the name `child_input`. Throws Interrupted when asked to stop (the child is
// ended first), InputError if it cannot be started.
ChildEnd run_child(const std::string& program, const std::vector<std::string>& arguments, const std::string& input,
                   const std::function<bool()>& stop_requested);

extern const char* const child_input;

}  // namespace capcam

// The command line. Each subcommand has a file of its own and adds itself to the application.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

namespace capcam {

// Parses and runs. Returns the exit status of what ends without an exception.
int run_command_line(int argc, char* argv[]);

// The one place where exceptions end, of whatever kind: prints the error and returns the exit status. 0 fine, 2 wrong
// input or a system that refuses (files, memory, threads), 3 a broken law of the simulator, 130 interrupted.
int guarded(const std::function<int()>& work);

}  // namespace capcam

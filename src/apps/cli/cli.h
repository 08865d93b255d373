// The command line. Each subcommand has a file of its own and adds itself to the application.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace capcam {

// Parses, runs and prints errors. Returns the exit status: 0 fine, 2 wrong input, 3 a broken law of the simulator, 130
// interrupted.
int run_command_line(int argc, char* argv[]);

}  // namespace capcam

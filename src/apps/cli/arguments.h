// Rules for the arguments of every command.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace capcam {

// Refuses "" wherever a value is taken: an unset variable of the shell leaves it, and it is no path.
void refuse_empty_values(CLI::App& app);

// Returns "unknown command fly, did you mean ...?" if `app` was given an unknown command, else nothing.
std::string unknown_command_text(const CLI::App& app);

}  // namespace capcam

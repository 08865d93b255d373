// What holds for the arguments of every command.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace capcam {

// Refuses "" wherever a value is taken: it is what an unset variable of the shell leaves, and no path.
void refuse_empty_values(CLI::App& app);

// "unknown command fly, did you mean ...?" if `app` was given one; empty if it was given none.
std::string unknown_command_text(const CLI::App& app);

}  // namespace capcam

// The program prints reports and data on standard output, everything else on standard error.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace capcam {

// Gives the standard descriptors that the caller has closed to nobody's file, before any other file is opened: what is
// printed never ends up in an output, and what cannot be printed is an error as on a full disk.
void open_standard_descriptors();

// What goes to std::cout from then on is for people: what a terminal acts on is escaped (core/terminal_text.h).
// Shows JSON, where the same is escaped as JSON has it.
void show_json(std::string_view json);
// Shows what other programs read, byte by byte; on a terminal it is shown as if for people.
void show_data(std::string_view data);

// Says a message on standard error, escaped. That it cannot be written is no reason to stop.
void say(std::string_view text);
template <class... Values>
void say(fmt::format_string<Values...> format, Values&&... values) {
  say(std::string_view(fmt::format(format, std::forward<Values>(values)...)));
}
// Does the same with progress, which moves the cursor of a terminal.
void say_on_terminal(std::string_view text);

// Throws InputError with the system's reason if anything of standard output could not be written.
void finish_standard_output();

}  // namespace capcam

// What signals do to the program.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace capcam {

// From now on no signal ends the process without a word or leaves an unfinished file: a limit on file sizes and a pipe
// that nobody reads are errors of the write that meets them, a mapped file that was cut short is named, and what asks
// the process to end (SIGINT, SIGTERM, SIGHUP) ends it with 128 + its number. A signal that the caller had ignored
// (nohup) stays ignored.
void take_signals();

// From now on the first signal that asks the process to end lets a run end in good order; the second ends it at once.
void stop_on_signals();
bool stop_was_requested();

}  // namespace capcam

// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <systemc>

#include "apps/cli/cli.h"
#include "apps/cli/signals.h"
#include "apps/cli/streams.h"

// The SystemC kernel calls this, because it wants to own the process: an elaborated design ends when it returns. What
// is thrown ends here, or the kernel would print it as its own.
int sc_main(int argc, char* argv[]) {
  return capcam::guarded([&] { return capcam::run_command_line(argc, argv); });
}

int main(int argc, char* argv[]) {
  capcam::open_standard_descriptors();
  capcam::take_signals();
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);  // the kernel's banner is not part of any report
  return capcam::guarded([&] { return sc_core::sc_elab_and_sim(argc, argv); });
}

// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <systemc>

#include "apps/cli/cli.h"

// The SystemC kernel calls this, because it wants to own the process: an elaborated design ends when it returns.
int sc_main(int argc, char* argv[]) { return capcam::run_command_line(argc, argv); }

int main(int argc, char* argv[]) {
  setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 1);  // the kernel's banner is not part of any report
  return sc_core::sc_elab_and_sim(argc, argv);
}

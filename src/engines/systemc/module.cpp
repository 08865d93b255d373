// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/module.h"

namespace capcam::systemc {

Module::Module(const sc_core::sc_module_name& name, Clock& clock) : sc_module(name), clock_(clock) {
  SC_HAS_PROCESS(Module);
  SC_METHOD(activate);
  sensitive << timer_;
}

}  // namespace capcam::systemc

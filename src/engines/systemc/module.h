// A module of the machine sleeps until one of its channels or its own timer wakes it, and then does all it can.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <systemc>

#include "engines/systemc/clock.h"

namespace capcam::systemc {

class Module : public sc_core::sc_module {
 public:
  // Says in one line how far it is, for the error of a machine that makes no progress.
  virtual std::string state() const = 0;

 protected:
  // A derived class adds the events of its ports to `sensitive`.
  Module(const sc_core::sc_module_name& name, Clock& clock);
  Cycle now() const { return clock_.now(); }
  // The timer keeps only its earliest notification, so step() asks again for whatever still lies ahead.
  void wake_at(Cycle cycle, Phase phase = Phase::work) {
    if (cycle != never && clock_.until_fs(cycle, phase) > 0) notify_at(clock_, timer_, cycle, phase);
  }
  // Does all that can be done at the present moment. The first call comes when the simulation starts.
  virtual void step() = 0;
  Clock& clock_;

 private:
  void activate() {
    clock_.read();
    step();
  }
  sc_core::sc_event timer_;
};

}  // namespace capcam::systemc

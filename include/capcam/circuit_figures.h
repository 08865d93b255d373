// The figures of a machine's circuit that follow from its configuration: what an LSB is, what a phase of a search needs
// and has, what each error amounts to. kernels/circuit_figures.h works them out.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace capcam {

struct CircuitFigures {
  struct Phase {
    std::string name;           // "precharge"
    double needed_ns = 0.0;     // to within half an LSB of full scale, in the worst row
    double available_ns = 0.0;  // by array.search_cycles and the clock
  };
  struct Error {
    std::string name;      // "offset mismatch"
    double rms_lsb = 0.0;  // over arrays, rows, searches and match counts
  };
  std::string unit;         // of full_scale and lsb: "mV", or "ps" of converters that read delays
  double full_scale = 0.0;  // of a row that uses all columns
  double lsb = 0.0;
  double cell_ff = 0.0;  // a cell's capacitor and its parasitic capacitance
  double matchline_ff = 0.0;
  double sampling_ff = 0.0;
  double hold_ns = 0.0;           // from charge sharing until the last row's code
  double half_lsb_hold_ns = 0.0;  // the time in which leakage takes half an LSB; infinite without leakage
  std::vector<Phase> phases;
  std::vector<Error> errors;    // those that are not 0, largest first
  double rms_lsb = 0.0;         // of all errors together
  double effective_bits = 0.0;  // bits - log2(1 + 12 rms_lsb^2) / 2: as if all noise were quantisation
};

}  // namespace capcam

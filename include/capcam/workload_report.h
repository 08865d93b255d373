// The meaning of a run for the workload its trace stands for: time and energy of an inference against real time, and
// the load on a battery. Only attention counts: projections, feed-forward layers and the rest of the model come on top.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace capcam {

struct BatteryRequest {
  double wh = 0.0;
  double duty = 1.0;  // share of the time in which inferences are made
};

struct WorkloadReport {
  std::string name;
  std::uint64_t layers = 0;      // attention blocks of an inference
  std::uint64_t heads = 0;       // heads of each block
  std::uint64_t layers_run = 0;  // if fewer, the run's figures are scaled up to an inference
  std::uint64_t heads_run = 0;   // if fewer, likewise
  std::uint64_t sequences = 0;   // sequences of the run, one after another, each an inference
  double latency_us = 0.0;       // latency of an inference
  double energy_uj = 0.0;
  double audio_s = 0.0;  // the budget, as in WorkloadBudget
  double tokens_per_s = 0.0;
  std::uint64_t tokens = 0;                // tokens of an inference
  double budget_s = 0.0;                   // time that an inference may take; 0: not known
  std::optional<double> real_time_factor;  // latency / budget; below 1, the machine keeps up

  struct Battery {
    double wh = 0.0, duty = 1.0;
    double inferences_per_wh = 0.0, inferences = 0.0;
    double power_mw = 0.0;  // power while inferences follow at the budget's pace, or at their own if slower
    double hours = 0.0;     // hours that the battery lasts at that duty
  };
  std::optional<Battery> battery;
};

}  // namespace capcam

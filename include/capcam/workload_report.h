// What a run means for the workload its trace stands for: time and energy of an inference against real time, and what
// that costs a battery. Attention only: projections, feed-forward layers and everything else of the model come on top.
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
  std::uint64_t heads = 0;       // of each
  std::uint64_t layers_run = 0;  // fewer: an inference's figures are those of the run, scaled up
  std::uint64_t heads_run = 0;   // the same
  std::uint64_t sequences = 0;   // of the run, one after another: an inference each
  double latency_us = 0.0;       // of an inference
  double energy_uj = 0.0;
  double audio_s = 0.0;  // the budget, as WorkloadBudget
  double tokens_per_s = 0.0;
  std::uint64_t tokens = 0;                // of an inference
  double budget_s = 0.0;                   // time an inference may take; 0: not known
  std::optional<double> real_time_factor;  // latency / budget: below 1 it keeps up

  struct Battery {
    double wh = 0.0, duty = 1.0;
    double inferences_per_wh = 0.0, inferences = 0.0;
    double power_mw = 0.0;  // while inferences follow one another at the budget's pace, or at their own if slower
    double hours = 0.0;     // at that duty
  };
  std::optional<Battery> battery;
};

}  // namespace capcam

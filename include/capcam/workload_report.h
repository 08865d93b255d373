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
  std::optional<std::string> name;  // absent if the trace names no workload
  std::uint64_t layers = 0;         // attention blocks of an inference
  std::uint64_t heads = 0;          // heads of each block
  std::uint64_t layers_run = 0;     // if fewer, the run's figures are scaled up to an inference
  std::uint64_t heads_run = 0;      // if fewer, likewise
  std::uint64_t sequences = 0;      // sequences of the run, one after another, each an inference
  double latency_us = 0.0;          // latency of an inference
  double energy_uj = 0.0;
  std::optional<double> audio_s;           // audio that an inference covers, if that is its budget
  std::optional<double> tokens_per_s;      // rate that the queries must keep, if that is its budget
  std::uint64_t tokens = 0;                // tokens of an inference, with a budget of tokens
  std::optional<double> budget_s;          // time that an inference may take
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

// The distribution of the sensing error: draws arrays one after another and searches each at random, over process
// corners, temperatures and supplies. Arrays behave as in a run (kernels/random_readout.h).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/config.h"

namespace capcam::montecarlo {

struct Condition {
  Corner corner = Corner::tt;
  double temperature_c = 25.0;
  double supply_error = 0.0;
};

struct Request {
  Config config;                 // everything is drawn by its seed
  std::uint32_t instances = 50;  // arrays drawn
  std::uint32_t searches = 100;  // searches of each array; each row has its own match count, all equally likely
  std::vector<Condition> conditions;
};

// An error is the converter's input (before it is rounded), less the error of the threshold that is nearest to it,
// minus that of an ideal row, in LSB. Thresholds of kinds with decision levels of their own are left out.
struct Figures {
  std::uint64_t rows = 0;      // rows sensed
  double mean_lsb = 0.0;       // bias
  double deviation_lsb = 0.0;  // standard deviation without the bias
  double mean_absolute_lsb = 0.0;
  double largest_lsb = 0.0;            // largest absolute error
  double wrong_codes = 0.0;            // share of the rows whose code differs from an ideal row's
  double percent_of_full_scale = 0.0;  // mean_absolute_lsb / 2^b
  double effective_bits = 0.0;         // kernels/circuit_figures.h
};

// Counts of errors. Bin i holds [i, i + 1) / 8 LSB, i from -8 lsb_range; the outermost bins hold all beyond them, too.
struct Histogram {
  static constexpr int bins_per_lsb = 8, lsb_range = 8;
  std::vector<std::uint64_t> counts = std::vector<std::uint64_t>(2 * lsb_range * bins_per_lsb, 0);
  void add(double error_lsb);
};

struct Outcome {
  Figures figures;
  std::vector<Figures> by_condition;
  Histogram histogram;
};

// Is called after every array; if it returns true, the study stops and throws Interrupted.
using StopRequested = std::function<bool()>;

Outcome sense(const Request& request, const StopRequested& stop_requested);

// An error that can be switched off alone.
struct Contributor {
  std::string_view name;
  bool (*on)(const SensingParams& sensing, const Condition& condition);
  void (*off)(SensingParams& sensing, Condition& condition);
};
const std::vector<Contributor>& contributors();

struct Without {
  std::string_view contributor;
  Figures figures;  // with that error alone switched off
};
// Returns one entry per contributor that is on. The one whose absence leaves the least mean error comes first.
std::vector<Without> switch_off_one_at_a_time(const Request& request, const StopRequested& stop_requested);

// Returns the configuration under a condition.
Config at(const Config& config, const Condition& condition);

}  // namespace capcam::montecarlo

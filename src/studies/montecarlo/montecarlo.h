// The distribution of the sensing error: arrays drawn one after another, random searches in each, over process corners,
// temperatures and supplies. What an array does is kernels/random_readout.h, the same as in a run.
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
  Config config;                 // its seed draws everything
  std::uint32_t instances = 50;  // arrays
  std::uint32_t searches = 100;  // of each array; every row has a match count of its own, all equally likely
  std::vector<Condition> conditions;
};

// Errors are in LSB: the converter's input (before it is rounded) minus that of an ideal row.
struct Figures {
  std::uint64_t rows = 0;      // sensed
  double mean_lsb = 0.0;       // bias
  double deviation_lsb = 0.0;  // standard deviation, bias taken off
  double mean_absolute_lsb = 0.0;
  double largest_lsb = 0.0;            // absolute
  double wrong_codes = 0.0;            // share of the rows whose code is not that of an ideal row
  double percent_of_full_scale = 0.0;  // mean_absolute_lsb / 2^b
};

// Counts of errors: bin i is [i, i + 1) / 8 LSB, i from -8 lsb_range; the first and the last hold what is beyond.
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

// Called after every array; true: stop (throws Interrupted).
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
  Figures figures;  // with it alone switched off
};
// One for each contributor that is on, the one that matters most first (whose absence leaves the least mean error).
std::vector<Without> switch_off_one_at_a_time(const Request& request, const StopRequested& stop_requested);

// The configuration under a condition.
Config at(const Config& config, const Condition& condition);

}  // namespace capcam::montecarlo

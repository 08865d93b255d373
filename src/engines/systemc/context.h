// A module is built for a context: the machine that all modules share, and its own place in it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/config.h"
#include "capcam/run_stats.h"
#include "engines/systemc/clock.h"
#include "engines/systemc/heads.h"
#include "kernels/sensing.h"
#include "machine/service_times.h"
#include "mapping/mapping.h"
#include "mapping/memory_layout.h"
#include "stats/dram_log.h"
#include "workload/workload.h"

namespace capcam::systemc {

struct Context {
  Clock& clock;
  const Workload& workload;
  const Config& config;
  const Mapping& mapping;
  const ServiceTimes& times;
  const MemoryLayout& layout;
  const capcam::Sensing& sensing;  // knows codes and scores (kernels/)
  Heads& heads;
  ActionCounts& counts;
  DramLog* dram_log = nullptr;  // is told of every memory request; may be null
  std::uint32_t core = 0, array = 0;

  Context at(std::uint32_t core_number, std::uint32_t array_number = 0) const {
    Context place = *this;
    place.core = core_number;
    place.array = array_number;
    return place;
  }
};

}  // namespace capcam::systemc

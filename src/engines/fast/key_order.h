// The order in which a core's streamed keys are fetched: a fetch for each job that programs, without regard to when
// its group enters.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engines/fast/schedule.h"

namespace capcam::fast {

struct KeyFetch {
  std::uint64_t group = 0;
  std::uint32_t tile = 0, segment = 0, first_row = 0;
  std::uint64_t bytes = 0;
};

class KeyOrder {
 public:
  KeyOrder(const Schedule& schedule, const Machine& machine)
      : schedule_(schedule), machine_(machine), programmed_(machine.keeps_rows() ? machine.arrays : 0) {}

  bool done();
  KeyFetch next();  // not if done()

 private:
  void find();

  Schedule schedule_;
  const Machine& machine_;
  std::uint64_t group_ = 0;
  std::uint64_t job_ = 0;  // of the group
  bool found_ = false;     // job_ of group_ is the next to be fetched
  bool planned_ = false;
  GroupPlan plan_;
  std::uint32_t first_row_ = 0, rows_ = 0;  // it writes
  std::vector<std::uint32_t> programmed_;   // rows of each array
};

}  // namespace capcam::fast

// The order in which a core's streamed keys are fetched: each job that programs has a fetch, whenever its group enters.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engines/fast/schedule/schedule.h"

namespace capcam::fast {

struct KeyFetch {
  std::uint64_t group = 0;
  std::uint32_t tile = 0, segment = 0, first_row = 0;
  std::uint64_t bytes = 0;
};

class KeyOrder {
 public:
  KeyOrder(const Schedule& schedule, const TimingRules& rules)
      : schedule_(schedule), rules_(rules), programmed_(rules.keeps_rows() ? rules.arrays : 0) {}

  bool done();
  KeyFetch next();  // must not be called when done()

 private:
  void find();

  Schedule schedule_;
  const TimingRules& rules_;
  std::uint64_t group_ = 0;
  std::uint64_t job_ = 0;  // the next job of the group
  bool found_ = false;     // job_ of group_ is the next to be fetched
  bool planned_ = false;
  GroupPlan plan_;
  std::uint32_t first_row_ = 0, rows_ = 0;  // rows that it writes
  std::vector<std::uint32_t> programmed_;   // rows that each array holds
};

}  // namespace capcam::fast

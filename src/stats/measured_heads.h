// The heads that queries are measured against at present.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "capcam/config.h"
#include "stats/block_accuracy.h"
#include "workload/workload.h"

namespace capcam {

// Keeps the key/value heads that were asked for last: as many as there are processors or cores of the machine, which
// work on different heads in turn, from 2 to 64 (16 for cores). Threads that ask for different heads do not wait for
// each other.
class MeasuredHeads {
 public:
  MeasuredHeads(const Workload& workload, const Config& config);
  std::shared_ptr<const MeasuredHead> find(const HeadId& id);

 private:
  struct Entry {
    HeadId id;
    std::once_flag once;
    std::unique_ptr<const MeasuredHead> head;
  };

  const Workload& workload_;
  std::uint32_t n_;
  std::size_t most_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Entry>> entries_;  // latest use first
};

}  // namespace capcam

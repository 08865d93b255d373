// The heads that queries are measured against at present.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "stats/block_accuracy.h"
#include "workload/workload.h"

namespace capcam {

// Keeps the key/value heads that were asked for last: two at least, so many as take 256 MiB, 64 at most. Threads that
// ask for different heads do not wait for each other.
class MeasuredHeads {
 public:
  MeasuredHeads(const Workload& workload, std::uint32_t n);
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

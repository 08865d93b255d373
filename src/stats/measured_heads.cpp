// SPDX-License-Identifier: Apache-2.0
#include "stats/measured_heads.h"

#include <algorithm>
#include <thread>

namespace capcam {

MeasuredHeads::MeasuredHeads(const Workload& workload, const Config& config)
    : workload_(workload),
      n_(config.top_n.n),
      most_(std::clamp(std::max(std::min(config.accelerator.cores, 16u), std::thread::hardware_concurrency()), 2u,
                       64u)) {}

std::shared_ptr<const MeasuredHead> MeasuredHeads::find(const HeadId& id) {
  std::shared_ptr<Entry> entry;
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const auto& one) {
      return one->id.layer == id.layer && one->id.batch == id.batch && one->id.kv_head == id.kv_head;
    });
    if (found != entries_.end()) {
      std::rotate(entries_.begin(), found, found + 1);
    } else {
      if (entries_.size() == most_) entries_.pop_back();
      entries_.insert(entries_.begin(), std::make_shared<Entry>());
      entries_.front()->id = id;
    }
    entry = entries_.front();
  }
  std::call_once(entry->once, [&] { entry->head = std::make_unique<const MeasuredHead>(workload_, id, n_); });
  return {entry, entry->head.get()};
}

}  // namespace capcam

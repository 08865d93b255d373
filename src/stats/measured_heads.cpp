// SPDX-License-Identifier: Apache-2.0
#include "stats/measured_heads.h"

#include <algorithm>

namespace capcam {

MeasuredHeads::MeasuredHeads(const Workload& workload, std::uint32_t n) : workload_(workload), n_(n) {
  constexpr std::uint64_t most_bytes = std::uint64_t{256} << 20;
  const TraceShape& shape = workload.trace().shape;
  const std::uint64_t bytes_of_key = (shape.head_dim + shape.value_dim) * sizeof(float) + shape.head_dim / 4 + 1;
  most_ = std::clamp<std::uint64_t>(most_bytes / (bytes_of_key * shape.keys), 2, 64);
}

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

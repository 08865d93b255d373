// The heads of the workload are what lies in memory. A head is made when first asked for and kept while someone holds
// it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "workload/workload.h"

namespace capcam::systemc {

class Heads {
 public:
  explicit Heads(const Workload& workload) : workload_(workload) {}
  std::shared_ptr<const Head> get(std::uint32_t index) {
    std::weak_ptr<const Head>& known = known_[index];
    std::shared_ptr<const Head> head = known.lock();
    if (head == nullptr) {
      head = workload_.head(index);
      known = head;
    }
    return head;
  }

 private:
  const Workload& workload_;
  std::map<std::uint32_t, std::weak_ptr<const Head>> known_;
};

}  // namespace capcam::systemc

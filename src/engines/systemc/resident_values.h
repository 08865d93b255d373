// This is the prefetch of a machine whose value SRAM holds all rows of a head, so that nothing is fetched.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "engines/systemc/prefetch.h"

namespace capcam::systemc {

class ResidentValues final : public Prefetch {
 public:
  ResidentValues(const sc_core::sc_module_name& name, const Context& context)
      : Prefetch(name, context.clock), heads_(context.heads) {}
  std::string state() const override { return fmt::format("{}: all rows are there", name()); }

 private:
  void step() override {
    while (const KeptRows* const query = kept->front()) {
      ValueRows* const result = rows->place();
      if (result == nullptr) return;
      if (head_ == nullptr || head_index_ != query->head) head_ = heads_.get(query->head);
      head_index_ = query->head;
      result->sequence = query->sequence;
      result->keys = query->keys;
      result->values.clear();
      for (const std::uint32_t key : query->keys) {
        const std::span<const float> row = head_->value_row(key);
        result->values.insert(result->values.end(), row.begin(), row.end());
      }
      rows->push(std::max(now(), rows->free_from()));
      kept->pop();
    }
  }
  Heads& heads_;
  std::shared_ptr<const Head> head_;
  std::uint32_t head_index_ = 0;
};

}  // namespace capcam::systemc

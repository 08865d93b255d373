// Multiplies the weights of a query with its value rows as soon as all of them are there.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "engines/fast/core/context.h"
#include "engines/fast/core/prefetch.h"
#include "engines/fast/core/value_load.h"

namespace capcam::fast {

struct ContextualizationState {
  std::optional<std::uint64_t> query;  // the query that is in the unit
  bool accumulating = false;           // true if its values are there
  bool posted = false;                 // true if its values are known to come

  static void describe(auto& v, auto& s) {
    v.optional_query(s.query);
    v.number(s.accumulating, s.posted);
  }
};

class Contextualization {
 public:
  Contextualization(CoreContext& core, const Prefetch& prefetch, const ValueLoad& load)
      : core_(core), prefetch_(prefetch), load_(load) {}

  bool free() const { return !state_.query; }
  void take(std::uint64_t query);
  // Starts on the query in the unit if its value rows are there.
  void try_start();
  // Handles the event `completed`.
  void end() { state_ = {}; }

  void describe(StateCodec& v);

 private:
  CoreContext& core_;
  const Prefetch& prefetch_;
  const ValueLoad& load_;
  ContextualizationState state_;
};

}  // namespace capcam::fast

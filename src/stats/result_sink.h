// Where an engine hands over what comes out of the machine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "kernels/selection.h"

namespace capcam {

// One finished head-query. The spans are valid during the call.
struct QueryResult {
  std::uint32_t head = 0;                // index in the workload
  std::uint32_t query = 0;
  std::span<const Candidate> selection;  // kept keys, best first; empty: no valid key
  std::span<const float> output;         // [value_dim]
  std::uint64_t cycle = 0;               // when it was complete
};

class ResultSink {
 public:
  virtual ~ResultSink() = default;
  virtual void take(const QueryResult& result) = 0;
};

}  // namespace capcam

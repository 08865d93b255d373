// Keeps everything an engine hands over.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "capcam/result_sink.h"

namespace capcam::testing {

struct KeptResult {
  std::vector<Candidate> selection;
  std::vector<float> output;
  std::uint64_t cycle = 0;
  friend bool operator==(const KeptResult&, const KeptResult&) = default;
};

class CollectingSink final : public ResultSink {
 public:
  void take(const QueryResult& result) override {
    KeptResult& kept = results[{result.head, result.query}];
    kept.selection.assign(result.selection.begin(), result.selection.end());
    kept.output.assign(result.output.begin(), result.output.end());
    ++taken;
  }
  void completed(std::uint32_t head, std::uint32_t query, std::uint64_t cycle) override {
    results[{head, query}].cycle = cycle;
  }
  std::map<std::pair<std::uint32_t, std::uint32_t>, KeptResult> results;
  std::uint64_t taken = 0;
};

}  // namespace capcam::testing

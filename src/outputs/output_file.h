// The attention outputs of a run as a safetensors file: layers.<l>.out, [batch, heads, queries, value_dim], F32.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <vector>

#include "capcam/result_sink.h"
#include "capcam/trace.h"
#include "trace/safetensors.h"

namespace capcam {

// Takes results in any order of heads; its memory is bounded by the heads under way. The file appears with finish().
class OutputFile final : public ResultSink {
 public:
  OutputFile(const std::filesystem::path& path, const Trace& trace);
  void take(const QueryResult& result) override;
  void finish();
  AtomicFile complete();  // replaces finish(): it appears with an OutputSet

 private:
  struct Head {
    std::vector<float> outputs;  // [queries, value_dim]
    std::uint64_t queries = 0;   // queries taken so far
  };
  TraceShape shape_;
  SafetensorsWriter writer_;
  std::map<std::uint32_t, Head> heads_;  // heads begun and not yet written
  std::uint32_t next_ = 0;               // the head to be written next
};

}  // namespace capcam

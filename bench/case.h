// One attention problem to measure: a synthetic trace in a temporary file, as the machine sees it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "capcam/config.h"
#include "capcam/result_sink.h"
#include "capcam/trace.h"
#include "mapping/mapping.h"
#include "trace/synthetic.h"
#include "workload/workload.h"

namespace capcam::bench {

struct Shape {
  std::uint64_t heads = 1, queries = 256, keys = 1024, dimension = 64;
  std::uint32_t tile_k = 2;  // 0: one stage of selection
};

// The camformer design with SRAMs that hold the shape, so that n and D can be swept.
inline Config design(const Shape& shape) {
  Config config;
  config.memory.key_sram_kib = static_cast<std::uint32_t>((shape.keys * shape.dimension / 8 + 1023) / 1024);
  config.memory.value_sram_kib = static_cast<std::uint32_t>(128 * shape.dimension * 2 / 1024);
  config.top_n.tile_k = shape.tile_k;
  return config;
}

class Case {
 public:
  explicit Case(const Shape& shape)
      : config(design(shape)), trace(make(shape)), workload(trace, config), mapping(map_onto(trace.shape, config)) {}
  Config config;
  const Trace trace;
  const Workload workload;
  const Mapping mapping;

 private:
  static Trace make(const Shape& shape) {
    SyntheticSpec spec;
    spec.heads = spec.kv_heads = shape.heads;
    spec.queries = shape.queries;
    spec.keys = shape.keys;
    spec.head_dim = spec.value_dim = shape.dimension;
    spec.dtype = Dtype::bf16;
    const auto path =
        std::filesystem::temp_directory_path() / ("capcam_bench_" + std::to_string(getpid()) + ".safetensors");
    write_synthetic(spec, path);
    Trace trace = open_trace(path);
    std::filesystem::remove(path);  // the mapping keeps it alive
    return trace;
  }
};

// Takes every result and keeps none of them.
class Discard final : public ResultSink {
 public:
  void take(const QueryResult& result) override { head_queries += result.output.empty() ? 0 : 1; }
  std::uint64_t head_queries = 0;
};

}  // namespace capcam::bench

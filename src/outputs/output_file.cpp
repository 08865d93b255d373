// SPDX-License-Identifier: Apache-2.0
#include "outputs/output_file.h"

#include <fmt/format.h>

#include <algorithm>

namespace capcam {
namespace {

std::vector<SafetensorsWriter::Entry> entries(const Trace& trace) {
  std::vector<SafetensorsWriter::Entry> all;
  const TraceShape& shape = trace.shape;
  for (const TraceLayer& layer : trace.layers)
    all.push_back({fmt::format("layers.{}.out", layer.index),
                   Dtype::f32,
                   {shape.batch, shape.heads, shape.queries, shape.value_dim}});
  return all;
}

}  // namespace

OutputFile::OutputFile(const std::filesystem::path& path, const Trace& trace)
    : shape_(trace.shape),
      writer_(path, {{"format", "capcam-output"}, {"version", "1"}, {"model", trace.model.value_or("")}},
              entries(trace)) {}

void OutputFile::take(const QueryResult& result) {
  Head& head = heads_[result.head];
  if (head.outputs.empty()) head.outputs.resize(shape_.queries * shape_.value_dim);
  std::copy(result.output.begin(), result.output.end(),
            head.outputs.begin() + static_cast<std::ptrdiff_t>(result.query * shape_.value_dim));
  ++head.queries;
  for (auto first = heads_.begin();
       first != heads_.end() && first->first == next_ && first->second.queries == shape_.queries;
       first = heads_.begin(), ++next_) {
    writer_.append(first->second.outputs);
    heads_.erase(first);
  }
}

void OutputFile::finish() { writer_.finish(); }
AtomicFile OutputFile::complete() { return writer_.complete(); }

}  // namespace capcam

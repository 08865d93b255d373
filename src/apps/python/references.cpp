// SPDX-License-Identifier: Apache-2.0
#include "apps/python/references.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "apps/python/interrupt.h"
#include "apps/python/new_array.h"
#include "apps/python/trace_in_python.h"
#include "capcam/error.h"
#include "core/parallel.h"
#include "stats/block_accuracy.h"
#include "stats/exact_attention.h"
#include "stats/reference.h"

namespace capcam::python {
namespace {

namespace nb = nanobind;

// Returns an array for each layer, [batch, heads, queries, value_dim]: attend(head index, interrupt, output of the
// head's queries) fills it head by head, over threads (0: one per processor).
template <class Attend>
nb::list for_each_head(const Trace& trace, const Workload& workload, unsigned threads, const Attend& attend) {
  const TraceShape& shape = trace.shape;
  std::vector<NewArray<double>> layers;
  for (std::size_t i = 0; i < trace.layers.size(); ++i)
    layers.emplace_back(std::vector{shape.batch, shape.heads, shape.queries, shape.value_dim});
  {
    const nb::gil_scoped_release unlocked;
    const Interrupt interrupt;
    for_each_index(
        workload.head_count(), threads, [&] { return interrupt.stop_requested(); },
        [&](std::uint32_t head) {
          const HeadId id = workload.id(head);
          const std::uint64_t size = shape.queries * shape.value_dim;
          attend(id, interrupt, layers[id.layer].values().subspan((id.batch * shape.heads + id.head) * size, size));
        });
    if (interrupt.stop_requested()) throw Interrupted();  // within the last head
  }
  nb::list list;
  for (NewArray<double>& layer : layers) list.append(layer.to_numpy());
  return list;
}

// Calls attend(first query, queries, rows [queries, head_dim], valid keys of each) for a head's queries, a block at a
// time.
template <class Attend>
void for_each_block(const Workload& workload, const HeadId& id, const Interrupt& interrupt, const Attend& attend) {
  const TraceShape& shape = workload.trace().shape;
  const auto all = static_cast<std::uint32_t>(shape.queries);
  const std::uint32_t most = ExactAttention::block_queries();
  const ValidKeyRule rule = workload.valid_keys(id);
  for (std::uint32_t first = 0; first < all && !interrupt.stop_requested(); first += most) {
    std::vector<std::uint32_t> queries(std::min(most, all - first));
    std::iota(queries.begin(), queries.end(), first);
    std::vector<ValidKeys> valid;
    for (const std::uint32_t query : queries) valid.push_back(rule(query));
    attend(first, read_queries(workload.trace(), id, queries), valid);
  }
}

nb::list exact(const TraceInPython& self, unsigned threads) {
  const Workload workload(self.trace, Config{});
  return for_each_head(
      self.trace, workload, threads, [&](const HeadId& id, const Interrupt& interrupt, std::span<double> out) {
        const ReferenceKeys keys = read_reference_keys(self.trace, id);
        ExactAttention attention;
        for_each_block(workload, id, interrupt, [&](std::uint32_t first, const auto& rows, const auto& valid) {
          attention.attend(keys, rows, valid, workload.scale(id.layer));
          for (std::size_t i = 0; i < valid.size(); ++i)
            std::ranges::copy(attention.output(i), out.begin() + (first + i) * keys.value_dim);
        });
      });
}

nb::list ideal(const TraceInPython& self, std::uint32_t n, unsigned threads) {
  const Workload workload(self.trace, Config{});
  return for_each_head(
      self.trace, workload, threads, [&](const HeadId& id, const Interrupt& interrupt, std::span<double> out) {
        const MeasuredHead head(workload, id, n);
        const std::uint32_t head_dim = head.keys.head_dim;
        IdealAttention::Result result;
        for_each_block(workload, id, interrupt, [&](std::uint32_t first, const auto& rows, const auto& valid) {
          BitRows bits({head_dim, head_dim}, static_cast<std::uint32_t>(valid.size()));
          for (std::uint32_t i = 0; i < valid.size(); ++i) {
            bits.pack(i, std::span(rows).subspan(std::size_t{i} * head_dim, head_dim));
            head.ideal.attend(bits, i, valid[i], result);
            std::ranges::copy(result.output, out.begin() + (std::size_t{first} + i) * head.keys.value_dim);
          }
        });
      });
}

}  // namespace

void bind_references(nb::module_& module) {
  module.def("exact_attention", &exact, nb::arg("trace"), nb::arg("threads"));
  module.def("ideal_attention", &ideal, nb::arg("trace"), nb::arg("n"), nb::arg("threads"));
}

}  // namespace capcam::python

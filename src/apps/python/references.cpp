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
#include "stats/reference.h"

namespace capcam::python {
namespace {

namespace nb = nanobind;

// work(0) ... work(count - 1), over threads (0: one a processor).
template <class Work>
void for_each_index(std::uint32_t count, unsigned threads, const Work& work) {
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  const Interrupt interrupt;
  std::atomic<std::uint32_t> next = 0;
  std::exception_ptr failure;
  std::mutex mutex;  // of failure
  const auto go_on = [&] {
    try {
      while (!interrupt.stop_requested()) {
        const std::uint32_t index = next++;
        if (index >= count) return;
        work(index, interrupt);
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < threads && i < count; ++i) helpers.emplace_back(go_on);
    go_on();
  }
  if (failure) std::rethrow_exception(failure);
  if (interrupt.stop_requested()) throw Interrupted();
}

// attend(keys, query, valid, head index) for every query of every head.
template <class Attend>
nb::list for_each_query(const Trace& trace, const Workload& workload, unsigned threads, const Attend& attend) {
  const TraceShape& shape = trace.shape;
  std::vector<NewArray<double>> layers;
  for (std::size_t i = 0; i < trace.layers.size(); ++i)
    layers.emplace_back(std::vector{shape.batch, shape.heads, shape.queries, shape.value_dim});
  {
    const nb::gil_scoped_release unlocked;
    for_each_index(workload.head_count(), threads, [&](std::uint32_t head, const Interrupt& interrupt) {
      const HeadId id = workload.id(head);
      const ReferenceKeys keys = read_reference_keys(trace, id);
      const ValidKeyRule rule = workload.valid_keys(id);
      double* out =
          layers[id.layer].values().data() + (id.batch * shape.heads + id.head) * shape.queries * shape.value_dim;
      for (std::uint32_t query = 0; query < shape.queries && !interrupt.stop_requested(); ++query) {
        const ReferenceResult result = attend(keys, read_query(trace, id, query), rule(query), id);
        out = std::copy(result.output.begin(), result.output.end(), out);
      }
    });
  }
  nb::list list;
  for (NewArray<double>& layer : layers) list.append(layer.to_numpy());
  return list;
}

nb::list exact(const TraceInPython& self, unsigned threads) {
  const Trace& trace = self.trace;
  const Workload workload(trace, Config{});
  return for_each_query(trace, workload, threads,
                        [&](const ReferenceKeys& keys, const std::vector<float>& query, const ValidKeys& valid,
                            const HeadId&) { return exact_attention(keys, query, workload.scale(), valid, 0); });
}

nb::list ideal(const TraceInPython& self, std::uint32_t n, unsigned threads) {
  const Trace& trace = self.trace;
  const Workload workload(trace, Config{});
  std::vector<ExpTable> tables;
  for (std::uint32_t layer = 0; layer < trace.layers.size(); ++layer)
    tables.push_back(ideal_exp_table(static_cast<std::uint32_t>(trace.shape.head_dim), workload.score_scale(layer)));
  return for_each_query(trace, workload, threads,
                        [&](const ReferenceKeys& keys, const std::vector<float>& query, const ValidKeys& valid,
                            const HeadId& id) { return ideal_attention(keys, query, tables[id.layer], valid, n); });
}

}  // namespace

void bind_references(nb::module_& module) {
  module.def("exact_attention", &exact, nb::arg("trace"), nb::arg("threads"));
  module.def("ideal_attention", &ideal, nb::arg("trace"), nb::arg("n"), nb::arg("threads"));
}

}  // namespace capcam::python

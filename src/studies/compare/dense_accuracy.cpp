// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "core/parallel.h"
#include "stats/accuracy_sums.h"
#include "stats/exact_attention.h"
#include "stats/query_sample.h"
#include "stats/reference.h"
#include "studies/compare/dense_attention.h"

namespace capcam::baseline {
namespace {

// The sums of a head's queries in one key format.
struct HeadSums {
  std::uint64_t queries = 0;
  ReferenceSums sums;
};

// The picks of a head that have a valid key.
struct Picks {
  std::vector<std::uint32_t> queries;
  std::vector<ValidKeys> valid;
};
Picks picks_of(const Workload& workload, const QuerySample& sample, std::uint32_t head) {
  Picks picks;
  const ValidKeyRule rule = workload.valid_keys(workload.id(head));
  for (std::uint32_t i = 0; i < sample.count(head); ++i) {
    const std::uint32_t query = sample.query(head, i);
    const ValidKeys valid = rule(query);
    if (!valid.any(valid.begin(), valid.end())) continue;
    picks.queries.push_back(query);
    picks.valid.push_back(valid);
  }
  return picks;
}

std::vector<HeadSums> measure_head(const Workload& workload, const Config& config, std::span<const KeyFormat> formats,
                                   const QuerySample& sample, std::uint32_t head) {
  const Trace& trace = workload.trace();
  const HeadId id = workload.id(head);
  const Picks picks = picks_of(workload, sample, head);
  const ReferenceKeys reference = read_reference_keys(trace, id);
  const std::size_t most = ExactAttention::block_queries(trace.shape.keys);
  std::vector<DenseKeys> keys;
  for (const KeyFormat format : formats) keys.push_back(dense_keys(trace, id, format));
  std::vector<HeadSums> result(formats.size());
  ExactAttention exact;
  DenseAttention dense;
  for (std::size_t first = 0; first < picks.queries.size(); first += most) {
    const std::size_t count = std::min(most, picks.queries.size() - first);
    const std::span<const ValidKeys> valid = std::span(picks.valid).subspan(first, count);
    const std::vector<float> rows = read_queries(trace, id, std::span(picks.queries).subspan(first, count));
    exact.attend(reference, rows, valid, workload.scale(id.layer));
    for (std::size_t f = 0; f < formats.size(); ++f) {
      dense.attend(keys[f], rows, query_scale(trace, id, keys[f], workload.scale(id.layer)), valid,
                   config.softmax.format);
      for (std::size_t i = 0; i < count; ++i) {
        result[f].sums.add(1.0, closeness(dense.output(i), exact.output(i)));
        ++result[f].queries;
      }
    }
  }
  return result;
}

}  // namespace

std::vector<AccuracyFigures> dense_accuracy(const Workload& workload, const Config& config,
                                            std::span<const KeyFormat> formats, double share, unsigned threads,
                                            const std::function<bool()>& stop_requested) {
  const QuerySample sample(workload.head_count(), static_cast<std::uint32_t>(workload.trace().shape.queries), share);
  std::vector<std::vector<HeadSums>> heads(workload.head_count());
  for_each_index(workload.head_count(), threads, stop_requested,
                 [&](std::uint32_t head) { heads[head] = measure_head(workload, config, formats, sample, head); });
  std::vector<AccuracyFigures> figures(formats.size());
  for (std::size_t f = 0; f < formats.size(); ++f) {
    HeadSums all;
    double worst = 1.0;
    for (const std::vector<HeadSums>& head : heads) {
      if (head[f].queries == 0) continue;
      all.queries += head[f].queries;
      all.sums.add(head[f].sums);
      worst = std::min(worst, head[f].sums.means(head[f].queries).cosine);
    }
    if (all.queries == 0) continue;
    figures[f] = all.sums.means(all.queries);
    figures[f].worst_head_cosine = worst;
  }
  return figures;
}

}  // namespace capcam::baseline

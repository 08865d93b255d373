// SPDX-License-Identifier: Apache-2.0
#include "simulate/affordable_share.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "stats/block_accuracy.h"
#include "stats/query_sample.h"

namespace capcam {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double two_digits(double share) {
  const double unit = std::pow(10.0, std::floor(std::log10(share)) - 1.0);
  return std::floor(share / unit) * unit;
}

}  // namespace

double affordable_share(const Workload& workload, const Config& config, double seconds, unsigned threads) {
  const TraceShape& shape = workload.trace().shape;
  const HeadId id = workload.id(0);
  const auto queries = static_cast<std::uint32_t>(shape.queries);
  const std::uint32_t kept = static_cast<std::uint32_t>(std::min<std::uint64_t>(config.top_n.n, shape.keys));
  const std::uint32_t count = std::min(queries, ExactAttention::block_queries(kept));

  const auto start = std::chrono::steady_clock::now();
  const MeasuredHead head(workload, id, config.top_n.n);
  const double of_head = seconds_since(start);

  // Results of the block are made up, because the kept keys do not change the cost of comparing.
  const QuerySample sample(1, queries, static_cast<double>(count) / queries);
  const ValidKeyRule rule = workload.valid_keys(id);
  const std::vector<float> output(shape.value_dim);
  QueryBlock block(sample.count(0), kept, static_cast<std::uint32_t>(shape.value_dim));
  std::vector<std::uint32_t> picks;
  for (std::uint32_t place = 0; place < sample.count(0); ++place) {
    picks.push_back(sample.query(0, place));
    const ValidKeys valid = rule(picks.back());
    std::vector<Candidate> selection;
    for (std::uint32_t key = valid.begin(); key < valid.end() && selection.size() < kept; ++key) {
      if (valid(key)) selection.push_back({0, key});
    }
    block.put(place, {0, picks.back(), selection, output});
  }
  BlockAccuracy worker(workload, config.top_n.n, 1);
  worker.compare(head, id, picks, block);  // lets it allocate its memory
  const auto begin = std::chrono::steady_clock::now();
  worker.compare(head, id, picks, block);
  const double of_query = seconds_since(begin) / static_cast<double>(picks.size());

  const double heads = static_cast<double>(workload.head_count()) * static_cast<double>(shape.kv_heads) /
                       static_cast<double>(shape.heads);
  const double left = seconds * threads - heads * of_head;
  const double all = of_query * static_cast<double>(workload.trace().head_queries());
  if (left >= all) return 1.0;
  return two_digits(std::max(left / all, 1e-9));  // the sample has at least one query of every head
}

}  // namespace capcam

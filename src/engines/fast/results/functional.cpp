// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/results/functional.h"

#include <algorithm>
#include <utility>

#include "kernels/bits.h"
#include "kernels/simd/accumulate.h"

namespace capcam::fast {
namespace {

// Values of a head that the second-level cache holds need not be asked for.
constexpr std::size_t near_bytes = std::size_t{1} << 19;

// Asks for a row of values as soon as its key is known.
inline void prefetch(const float* row, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; i += 16) __builtin_prefetch(row + i);
}

// Sums each query's weights in their order. Queries take turns, because an addition waits for the one before.
std::array<float, HeadScratch::at_once> sums_of(std::span<const std::vector<float>> weights) {
  std::array<float, HeadScratch::at_once> sums{};
  std::size_t common = 0;  // numbers that four queries have
  if (weights.size() == HeadScratch::at_once) {
    common = std::min({weights[0].size(), weights[1].size(), weights[2].size(), weights[3].size()});
    const float *a = weights[0].data(), *b = weights[1].data(), *c = weights[2].data(), *d = weights[3].data();
    for (std::size_t i = 0; i < common; ++i) {
      sums[0] += a[i];
      sums[1] += b[i];
      sums[2] += c[i];
      sums[3] += d[i];
    }
  }
  for (std::size_t query = 0; query < weights.size(); ++query) {
    for (std::size_t i = common; i < weights[query].size(); ++i) sums[query] += weights[query][i];
  }
  return sums;
}

}  // namespace

HeadFunction::HeadFunction(const Head& head, const Config& config, const Mapping& mapping, std::uint32_t core)
    : head_(head),
      mapping_(mapping),
      n_(config.top_n.n),
      rule_(config.top_n),
      softmax_format_(config.softmax.format),
      tile_scores_(config, mapping),
      matching_cells_(head.key_bits, mapping, config.sensing.circuit.cell_circuit),
      table_(config.softmax.format, head.score_scale, tile_scores_.sensing()) {
  const Sensing& sensing = tile_scores_.sensing();
  if (RandomReadout::needed(config)) random_.emplace(config, mapping, core);
  const std::uint32_t tile_k = config.top_n.tile_k;
  if (!rule_.keeps_the_best() || (random_ && random_->readout().row_by_row())) return;
  if (!simd::Searcher::can(sensing, mapping.rows, tile_k)) return;
  searcher_.emplace(head.key_bits, sensing, mapping.rows, tile_k, n_, mapping.interleave);
  if (!random_) return;
  const auto row_of = [this](std::uint32_t key, std::uint32_t segment) -> const simd::RandomPlanes::Row& {
    return random_->row(key, segment);
  };
  if (!searcher_->make_random(head.key_bits, random_->readout(), head.number, row_of)) searcher_.reset();
}

void HeadFunction::search(std::uint32_t query, HeadScratch& scratch) const {
  if (searcher_) return searcher_->search(head_.query_bits, query, head_.valid(query), scratch.search);
  search_plainly(query, scratch);
}

void HeadFunction::search_plainly(std::uint32_t query, HeadScratch& scratch) const {
  std::vector<Candidate>& selection = scratch.selection;
  const ValidKeys valid = head_.valid(query);
  selection.clear();
  for (std::uint32_t tile = 0; tile < mapping_.tiles; ++tile) {
    const TileKeys keys = mapping_.keys_of(tile);
    if (!valid.any(keys)) continue;
    rule_(tile_scores_(head_, query, tile, random_ ? &*random_ : nullptr, scratch.tile), keys, valid, selection);
  }
  keep_best(selection, n_);
  scratch.search.level.clear();
  scratch.search.key.clear();
  for (const Candidate& candidate : selection) {
    scratch.search.level.push_back(static_cast<std::uint32_t>(candidate.score / tile_scores_.sensing().score_step()));
    scratch.search.key.push_back(candidate.key);
  }
}

void HeadFunction::compute(std::uint32_t first, std::uint32_t last, HeadScratch& scratch, HeadResults& results) const {
  results.add_cells(matching_cells_(head_.query_bits, first, last, head_.valid));
  for (; first < last; first += HeadScratch::at_once)
    compute_few(first, std::min(last, first + HeadScratch::at_once), scratch, results);
}

void HeadFunction::compute_few(std::uint32_t first, std::uint32_t last, HeadScratch& scratch,
                               HeadResults& results) const {
  const bool far_values = head_.values.size() * sizeof(float) > near_bytes;
  const std::int32_t score_step = tile_scores_.sensing().score_step();
  const std::uint32_t before = results.size();
  for (std::uint32_t query = first; query != last; ++query) {
    search(query, scratch);
    const std::vector<std::uint32_t>& level = scratch.search.level;
    std::vector<std::uint32_t>& key = scratch.search.key;
    std::vector<float>& weights = scratch.weights[query - first];
    const std::span<Candidate> selection = results.add_selection(key.size());
    weights.resize(key.size());
    for (std::size_t i = 0; i < key.size(); ++i) {
      if (far_values) prefetch(head_.values.data() + std::size_t{key[i]} * head_.value_dim, head_.value_dim);
      selection[i] = {static_cast<std::int32_t>(level[i]) * score_step, key[i]};
      weights[i] = table_.at_step(level[0] - level[i]);
    }
    std::swap(key, scratch.keys[query - first]);
  }
  const std::array<float, HeadScratch::at_once> sums = sums_of(std::span(scratch.weights).first(last - first));
  for (std::uint32_t i = 0; i != last - first; ++i) {
    divide(softmax_format_, sums[i], scratch.weights[i]);
    simd::accumulate_values(scratch.weights[i], scratch.keys[i], head_.values.data(), results.add_output(before + i));
  }
}

}  // namespace capcam::fast

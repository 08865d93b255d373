// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/results/functional.h"

#include <algorithm>

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
  const bool far_values = head_.values.size() * sizeof(float) > near_bytes;
  const std::vector<std::uint32_t>& level = scratch.search.level;
  const std::vector<std::uint32_t>& key = scratch.search.key;
  for (std::uint32_t query = first; query != last; ++query) {
    search(query, scratch);
    results.add_cells(matching_cells_(head_.query_bits, query, head_.valid));
    const std::span<Candidate> selection = results.add_selection(key.size());
    scratch.weights.resize(key.size());
    float sum = 0.0f;
    const std::int32_t score_step = tile_scores_.sensing().score_step();
    for (std::size_t i = 0; i < key.size(); ++i) {
      if (far_values) prefetch(head_.values.data() + std::size_t{key[i]} * head_.value_dim, head_.value_dim);
      selection[i] = {static_cast<std::int32_t>(level[i]) * score_step, key[i]};
      scratch.weights[i] = table_.at_step(level[0] - level[i]);
      sum += scratch.weights[i];
    }
    divide(softmax_format_, sum, scratch.weights);
    simd::accumulate_values(scratch.weights, key, head_.values.data(), results.add_output());
  }
}

}  // namespace capcam::fast

// SPDX-License-Identifier: Apache-2.0
#include "studies/selection/study.h"

#include <algorithm>
#include <map>
#include <utility>

#include "capcam/error.h"
#include "core/philox.h"
#include "kernels/sensing.h"
#include "stats/exact_attention.h"
#include "stats/reference.h"
#include "studies/selection/expected.h"
#include "studies/selection/ranking.h"

namespace capcam {
namespace {

// The scores of a query's valid keys, in ascending order of keys.
struct Scores {
  std::vector<std::uint32_t> keys;
  std::vector<double> machine, full_precision;
};

// Keys in order, with their places in tiles for every placement that was asked for.
class Ranking {
 public:
  // `all` counts the head's keys, valid or not.
  Ranking(std::uint32_t all, const std::vector<std::uint32_t>& keys, const std::vector<double>& scores) : all_(all) {
    for (std::size_t i = 0; i < keys.size(); ++i) ranked_.push_back({keys[i], scores[i]});
    rank(ranked_);
  }
  const std::vector<ScoredKey>& keys() const { return ranked_; }
  Kept keep(const SelectionPoint& point, double scale) {
    auto& places = places_[{point.rows, point.interleave}];
    if (places.empty()) places = places_in_tiles(ranked_, {all_, point.rows, point.interleave});
    return capcam::keep(ranked_, places, point.tile_k, point.n, scale);
  }

 private:
  std::uint32_t all_;
  std::vector<ScoredKey> ranked_;
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::uint32_t>> places_;
};

// Shuffles by Fisher and Yates; numbers are drawn by (seed, head, query, position).
std::vector<double> shuffled(std::vector<double> scores, std::uint64_t seed, std::uint32_t head, std::uint32_t query) {
  const PhiloxKey key = philox_key(seed, RandomStream::shuffle);
  for (auto left = static_cast<std::uint32_t>(scores.size()); left > 1; --left) {
    const double uniform = philox_uniforms({head, query, left, 0}, key)[0];
    std::swap(scores[left - 1], scores[static_cast<std::size_t>(uniform * left)]);
  }
  return scores;
}

// Computes the scores of one head's queries.
class HeadScores {
 public:
  HeadScores(const Workload& workload, const Config& config, std::uint32_t head)
      : workload_(workload),
        head_(workload.head(head)),
        reference_(read_reference_keys(workload.trace(), head_->id)),
        block_queries_(ExactAttention::block_queries(head_->keys)),
        sensing_(config, head_->key_bits.segmentation()) {}

  std::uint32_t queries() const { return head_->queries; }
  std::uint32_t keys() const { return head_->keys; }
  // Factor of a score in the machine's units in the softmax's exponent. The 2 is that of s = 2m - D.
  double machine_scale() const { return 2.0 * head_->score_scale / sensing_.scores_per_match(); }

  // Queries in ascending order are quickest.
  Scores operator()(std::uint32_t query) {
    if (query < first_query_ || query >= last_query_) score_block(query);
    const ValidKeys valid = head_->valid(query);
    const std::uint32_t first = valid.begin(), count = valid.end() - valid.begin();
    std::vector<double> machine(count, 0.0);
    std::vector<std::uint32_t> matches(count);
    for (std::uint32_t segment = 0; segment < head_->key_bits.segmentation().segments(); ++segment) {
      count_matches(head_->query_bits, query, head_->key_bits, first, count, segment, matches.data());
      for (std::uint32_t i = 0; i < count; ++i)
        machine[i] += sensing_.score(segment, sensing_.code(segment, matches[i]));
    }
    const std::span<const double> full = exact_.scores(query - first_query_);
    Scores scores;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!valid(first + i)) continue;
      scores.keys.push_back(first + i);
      scores.machine.push_back(machine[i]);
      scores.full_precision.push_back(full[first + i - exact_.first_key()]);
    }
    return scores;
  }

 private:
  // Returns q . k of `query` and those after it.
  void score_block(std::uint32_t query) {
    first_query_ = query;
    last_query_ = std::min(query + block_queries_, head_->queries);
    std::vector<std::uint32_t> queries;
    std::vector<ValidKeys> valid;
    for (; query != last_query_; ++query) {
      queries.push_back(query);
      valid.push_back(head_->valid(query));
    }
    exact_.score(reference_, read_queries(workload_.trace(), head_->id, queries), valid, 1.0);
  }

  const Workload& workload_;
  std::shared_ptr<const Head> head_;
  ReferenceKeys reference_;
  std::uint32_t block_queries_;
  Sensing sensing_;
  ExactAttention exact_;
  std::uint32_t first_query_ = 0, last_query_ = 0;  // queries of the block that was scored last
};

std::vector<std::uint32_t> valid_in_tiles(const std::vector<std::uint32_t>& keys, const Placement& placement) {
  std::vector<std::uint32_t> valid(placement.tiles(), 0);
  for (const std::uint32_t key : keys) ++valid[placement.place(key).tile];
  return valid;
}

double share(std::uint32_t part, std::uint32_t whole) { return double{1} * part / whole; }

// Remembers estimates, because many queries have the same valid keys.
using Estimates = std::map<std::pair<std::vector<std::uint32_t>, std::pair<std::uint32_t, std::uint32_t>>, double>;

}  // namespace

void SelectionFigures::add(const SelectionFigures& other) {
  queries += other.queries;
  estimate += other.estimate;
  shuffled += other.shuffled;
  by_key += other.by_key;
  by_score += other.by_score;
  weight += other.weight;
  full_precision += other.full_precision;
  neighbours += other.neighbours;
}

SelectionStudy study_selection(const Workload& workload, const Config& config, const SelectionGrid& grid,
                               const std::function<bool(std::uint32_t head)>& done) {
  SelectionStudy study;
  for (const std::uint32_t rows : grid.rows) {
    for (const std::uint32_t interleave : grid.interleave) {
      for (const std::uint32_t tile_k : grid.tile_k) {
        for (const std::uint32_t n : grid.n) study.points.push_back({rows, interleave, tile_k, n});
      }
    }
  }
  const SelectionPoint own{config.array.rows, config.array.interleave, config.top_n.tile_k, config.top_n.n};
  std::vector<SelectionPoint> points = study.points;
  points.push_back(own);
  study.figures.resize(study.points.size());
  for (const TraceLayer& layer : workload.trace().layers) study.layers.push_back(layer.index);
  study.by_layer.resize(study.layers.size());

  Estimates estimates;
  for (std::uint32_t head = 0; head < workload.head_count(); ++head) {
    HeadScores scores_of(workload, config, head);
    for (std::uint32_t query = 0; query < scores_of.queries(); ++query) {
      const Scores scores = scores_of(query);
      if (scores.keys.empty()) continue;
      const std::uint32_t all = scores_of.keys();
      Ranking machine(all, scores.keys, scores.machine), full(all, scores.keys, scores.full_precision);
      Ranking random(all, scores.keys, shuffled(scores.machine, config.seed, head, query));
      for (std::size_t i = 0; i < points.size(); ++i) {
        const SelectionPoint& point = points[i];
        const Placement placement{all, point.rows, point.interleave};
        const auto [estimate, added] =
            estimates.try_emplace({valid_in_tiles(scores.keys, placement), {point.tile_k, point.n}}, 0.0);
        if (added) estimate->second = expected_recall(estimate->first.first, point.tile_k, point.n);
        const Kept kept = machine.keep(point, scores_of.machine_scale());
        const Kept by_chance = random.keep(point, 0.0), exact = full.keep(point, 0.0);
        const SelectionFigures one{1,
                                   estimate->second,
                                   share(by_chance.of_top, by_chance.top),
                                   share(kept.of_top, kept.top),
                                   share(kept.of_top_scores, kept.top),
                                   kept.weight / kept.top_weight,
                                   share(exact.of_top, exact.top),
                                   neighbour_ratio(full.keys(), scores.keys, point.n)};
        (i < study.points.size() ? study.figures[i] : study.by_layer[workload.id(head).layer]).add(one);
      }
    }
    if (done(head)) throw Interrupted();
  }
  for (std::vector<SelectionFigures>* all : {&study.figures, &study.by_layer}) {
    for (SelectionFigures& figures : *all) {
      const double queries = std::max(1.0, static_cast<double>(figures.queries));
      for (double* figure : {&figures.estimate, &figures.shuffled, &figures.by_key, &figures.by_score, &figures.weight,
                             &figures.full_precision, &figures.neighbours})
        *figure /= queries;
    }
  }
  return study;
}

}  // namespace capcam

// SPDX-License-Identifier: Apache-2.0
#include "studies/selection/study.h"

#include <algorithm>
#include <map>
#include <utility>

#include "capcam/error.h"
#include "core/philox.h"
#include "kernels/sensing.h"
#include "stats/reference.h"
#include "studies/selection/expected.h"
#include "studies/selection/ranking.h"

namespace capcam {
namespace {

// One query's scores of its valid keys, in ascending order of keys.
struct Scores {
  std::vector<std::uint32_t> keys;
  std::vector<double> machine, full_precision;
};

// The keys' order, with the places in tiles of every number of rows asked for.
class Ranking {
 public:
  Ranking(const std::vector<std::uint32_t>& keys, const std::vector<double>& scores) {
    for (std::size_t i = 0; i < keys.size(); ++i) ranked_.push_back({keys[i], scores[i]});
    rank(ranked_);
  }
  const std::vector<ScoredKey>& keys() const { return ranked_; }
  Kept keep(const SelectionPoint& point, double scale) {
    auto& places = places_[point.rows];
    if (places.empty()) places = places_in_tiles(ranked_, point.rows);
    return capcam::keep(ranked_, places, point.tile_k, point.n, scale);
  }

 private:
  std::vector<ScoredKey> ranked_;
  std::map<std::uint32_t, std::vector<std::uint32_t>> places_;
};

// Fisher-Yates, drawn by (seed, head, query, position).
std::vector<double> shuffled(std::vector<double> scores, std::uint64_t seed, std::uint32_t head, std::uint32_t query) {
  const PhiloxKey key = philox_key(seed, RandomStream::shuffle);
  for (auto left = static_cast<std::uint32_t>(scores.size()); left > 1; --left) {
    const double uniform = philox_uniforms({head, query, left, 0}, key)[0];
    std::swap(scores[left - 1], scores[static_cast<std::size_t>(uniform * left)]);
  }
  return scores;
}

// What the study reads of a head.
class HeadScores {
 public:
  HeadScores(const Workload& workload, const Config& config, std::uint32_t head)
      : workload_(workload),
        head_(workload.head(head)),
        reference_(read_reference_keys(workload.trace(), head_->id)),
        sensing_(config.sensing, head_->key_bits.segmentation()) {}

  std::uint32_t queries() const { return head_->queries; }
  // Of a score in the machine's units, in the softmax's exponent; s = 2m - D, hence the 2.
  double machine_scale() const { return 2.0 * head_->score_scale / sensing_.scores_per_match(); }

  Scores operator()(std::uint32_t query) const {
    const ValidKeys valid = head_->valid(query);
    const std::uint32_t first = valid.begin(), count = valid.end() - valid.begin();
    std::vector<double> machine(count, 0.0), exact(count, 0.0);
    std::vector<std::uint32_t> matches(count);
    for (std::uint32_t segment = 0; segment < head_->key_bits.segmentation().segments(); ++segment) {
      count_matches(head_->query_bits, query, head_->key_bits, first, count, segment, matches.data());
      for (std::uint32_t i = 0; i < count; ++i)
        machine[i] += sensing_.score(segment, sensing_.code(segment, matches[i]));
    }
    const std::vector<float> row = read_query(workload_.trace(), head_->id, query);
    for (std::uint32_t dimension = 0; dimension < reference_.head_dim; ++dimension) {
      const float* keys = reference_.by_dimension.data() + std::size_t{dimension} * reference_.keys + first;
      for (std::uint32_t i = 0; i < count; ++i) exact[i] += double{row[dimension]} * keys[i];
    }
    Scores scores;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!valid(first + i)) continue;
      scores.keys.push_back(first + i);
      scores.machine.push_back(machine[i]);
      scores.full_precision.push_back(exact[i]);
    }
    return scores;
  }

 private:
  const Workload& workload_;
  std::shared_ptr<const Head> head_;
  ReferenceKeys reference_;
  Sensing sensing_;
};

std::vector<std::uint32_t> valid_in_tiles(const std::vector<std::uint32_t>& keys, std::uint32_t rows) {
  std::vector<std::uint32_t> valid(keys.back() / rows + 1, 0);
  for (const std::uint32_t key : keys) ++valid[key / rows];
  return valid;
}

double share(std::uint32_t part, std::uint32_t whole) { return double{1} * part / whole; }

// The estimates of a run: many queries have the same valid keys.
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
    for (const std::uint32_t tile_k : grid.tile_k) {
      for (const std::uint32_t n : grid.n) study.points.push_back({rows, tile_k, n});
    }
  }
  const SelectionPoint own{config.array.rows, config.top_n.tile_k, config.top_n.n};
  std::vector<SelectionPoint> points = study.points;
  points.push_back(own);
  study.figures.resize(study.points.size());
  for (const TraceLayer& layer : workload.trace().layers) study.layers.push_back(layer.index);
  study.by_layer.resize(study.layers.size());

  Estimates estimates;
  for (std::uint32_t head = 0; head < workload.head_count(); ++head) {
    const HeadScores scores_of(workload, config, head);
    for (std::uint32_t query = 0; query < scores_of.queries(); ++query) {
      const Scores scores = scores_of(query);
      if (scores.keys.empty()) continue;
      Ranking machine(scores.keys, scores.machine), full(scores.keys, scores.full_precision);
      Ranking random(scores.keys, shuffled(scores.machine, config.seed, head, query));
      for (std::size_t i = 0; i < points.size(); ++i) {
        const SelectionPoint& point = points[i];
        const auto [estimate, added] =
            estimates.try_emplace({valid_in_tiles(scores.keys, point.rows), {point.tile_k, point.n}}, 0.0);
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

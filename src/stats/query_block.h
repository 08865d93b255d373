// Results of queries of one head that are measured together.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "capcam/error.h"
#include "capcam/result_sink.h"

namespace capcam {

// Places for the results of `size` queries. Each place is put once; threads may put different places at a time.
class QueryBlock {
 public:
  // A selection has at most `most_kept` keys, an output value_dim elements.
  QueryBlock(std::uint32_t size, std::uint32_t most_kept, std::uint32_t value_dim)
      : most_kept_(most_kept),
        value_dim_(value_dim),
        kept_(size, absent),
        selections_(std::make_unique_for_overwrite<Candidate[]>(std::size_t{size} * most_kept)),
        outputs_(std::make_unique_for_overwrite<float[]>(std::size_t{size} * value_dim)) {}

  // Returns true if it was the last one that was missing. A query without keys is put, too.
  bool put(std::uint32_t place, const QueryResult& result) {
    if (result.selection.size() > most_kept_) throw LawBroken("QueryBlock: more keys were kept than n");
    std::copy(result.selection.begin(), result.selection.end(), selections_.get() + std::size_t{place} * most_kept_);
    std::copy_n(result.output.data(), value_dim_, outputs_.get() + std::size_t{place} * value_dim_);
    kept_[place] = static_cast<std::uint32_t>(result.selection.size());
    return put_.fetch_add(1, std::memory_order_acq_rel) + 1 == size();
  }

  std::uint32_t size() const { return static_cast<std::uint32_t>(kept_.size()); }
  // Call the functions below only when nobody puts results any more.
  bool has(std::uint32_t place) const { return kept_[place] != absent; }
  std::span<const Candidate> selection(std::uint32_t place) const {
    return {selections_.get() + std::size_t{place} * most_kept_, has(place) ? kept_[place] : 0};
  }
  std::span<const float> output(std::uint32_t place) const {
    return {outputs_.get() + std::size_t{place} * value_dim_, value_dim_};
  }

 private:
  static constexpr std::uint32_t absent = ~std::uint32_t{0};
  std::uint32_t most_kept_, value_dim_;
  std::vector<std::uint32_t> kept_;  // number of keys
  std::unique_ptr<Candidate[]> selections_;
  std::unique_ptr<float[]> outputs_;
  std::atomic<std::uint32_t> put_ = 0;
};

}  // namespace capcam

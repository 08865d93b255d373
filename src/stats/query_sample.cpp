// SPDX-License-Identifier: Apache-2.0
#include "stats/query_sample.h"

#include <algorithm>
#include <cmath>

namespace capcam {
namespace {

__extension__ using Wide = unsigned __int128;

// Reverses the bits of `i`, which gives the i-th term of van der Corput's sequence in units of 2^-32.
std::uint32_t reversed(std::uint32_t i) {
  std::uint32_t bits = 0;
  for (unsigned bit = 0; bit < 32; ++bit) bits |= ((i >> bit) & 1u) << (31 - bit);
  return bits;
}

}  // namespace

QuerySample::QuerySample(std::uint32_t heads, std::uint32_t queries, double share) : heads_(heads), queries_(queries) {
  const std::uint64_t all = std::uint64_t{heads} * queries;
  if (share <= 0.0 || all == 0) return;
  if (share >= 1.0) {
    size_ = all;
  } else {
    const auto wanted = static_cast<std::uint64_t>(std::llround(share * static_cast<double>(all)));
    size_ = std::clamp<std::uint64_t>(wanted, heads, all);
  }
}

std::uint32_t QuerySample::count(std::uint32_t head) const {
  const std::uint64_t each = size_ / heads_, rest = size_ % heads_;
  return static_cast<std::uint32_t>(each + (head + std::uint64_t{1}) * rest / heads_ - head * rest / heads_);
}

// Returns floor((i + u) * queries / count), u being the head's place in [0, 1).
std::uint32_t QuerySample::query(std::uint32_t head, std::uint32_t i) const {
  const Wide numerator = ((Wide{i} << 32) + reversed(head)) * queries_;
  return static_cast<std::uint32_t>(numerator / (Wide{count(head)} << 32));
}

std::optional<std::uint32_t> QuerySample::place(std::uint32_t head, std::uint32_t query) const {
  const std::uint32_t picked = size_ == 0 ? 0 : count(head);
  if (picked == queries_) return query;
  if (picked == 0) return std::nullopt;
  const auto near = static_cast<std::uint32_t>(std::uint64_t{query} * picked / queries_);  // or the one before or after
  for (std::uint32_t i = near == 0 ? 0 : near - 1; i <= near + 1 && i < picked; ++i) {
    if (this->query(head, i) == query) return i;
  }
  return std::nullopt;
}

}  // namespace capcam

// Picks the queries that are measured when not all are.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace capcam {

// Picks a share of the queries of all heads. A share above 0 picks at least one query of every head and as many of
// every head, give or take one. They lie evenly over a head's positions; the first position differs from head to head
// (van der Corput's sequence), so that all heads together cover the positions evenly, too. The same share picks the
// same queries.
class QuerySample {
 public:
  QuerySample(std::uint32_t heads, std::uint32_t queries, double share);

  std::uint64_t size() const { return size_; }
  // Returns how many queries of a head are picked.
  std::uint32_t count(std::uint32_t head) const;
  // Returns the i-th of them, in ascending order.
  std::uint32_t query(std::uint32_t head, std::uint32_t i) const;
  // Returns which of the head's picks a query is, or nothing if it is not picked.
  std::optional<std::uint32_t> place(std::uint32_t head, std::uint32_t query) const;

 private:
  std::uint32_t heads_;
  std::uint32_t queries_;
  std::uint64_t size_ = 0;
};

}  // namespace capcam

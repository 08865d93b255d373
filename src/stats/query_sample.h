// Which queries are measured when not all are.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace capcam {

// A share of the queries of all heads, above 0 at least one of every head: as many of every head, to one. They lie
// evenly over a head's positions; the first position differs from head to head (van der Corput's sequence), so that all
// heads together cover the positions evenly too. No randomness: the same share picks the same queries.
class QuerySample {
 public:
  QuerySample(std::uint32_t heads, std::uint32_t queries, double share);

  std::uint64_t size() const { return size_; }
  // Queries that are picked of a head.
  std::uint32_t count(std::uint32_t head) const;
  // The i-th of them, in ascending order.
  std::uint32_t query(std::uint32_t head, std::uint32_t i) const;
  // Which of the head's picks a query is; nothing: it is not picked.
  std::optional<std::uint32_t> place(std::uint32_t head, std::uint32_t query) const;

 private:
  std::uint32_t heads_;
  std::uint32_t queries_;
  std::uint64_t size_ = 0;
};

}  // namespace capcam

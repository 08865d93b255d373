// The work of a core in order: heads, groups of queries, and for each array of the core the jobs of a group.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "mapping/mapping.h"
#include "workload/workload.h"

namespace capcam {

// A tile's segment to be programmed (as far as it is not yet) and searched.
struct Job {
  std::uint32_t tile = 0;
  std::uint32_t segment = 0;
  std::uint32_t keys = 0;       // that lie in the array when it is searched
  std::uint32_t first_row = 0;  // of the rows to be written
  std::uint64_t fetch = 0;      // running number of the programming job on its core, in job order

  std::uint32_t rows() const { return keys - first_row; }
  bool programs() const { return first_row < keys; }
};

// Consecutive queries of a head that share the programming of its tiles.
struct Group {
  struct Lane {
    std::uint32_t query;
    ValidKeys valid;
    bool empty;  // no valid key
  };
  std::shared_ptr<const Head> head;
  std::uint32_t head_index = 0;
  std::uint64_t first_sequence = 0;  // running number on the core of the first query
  bool first_of_head = false, last_of_head = false;
  bool needs_keys = false;  // first group of a head whose keys the core's previous head did not have
  std::vector<Lane> lanes;
  std::vector<std::vector<Job>> jobs;  // of each array
  std::uint32_t unfinished = 0;        // queries without an output yet
  std::uint64_t drained = 0;           // cycle in which its last query drained from association

  std::uint64_t sequence(std::uint32_t lane) const { return first_sequence + lane; }
};

// First tile at or after `tile` that holds a key the query may keep; mapping.tiles if there is none.
std::uint32_t next_valid_tile(const Mapping& mapping, const ValidKeys& valid, std::uint32_t tile);

// Makes the groups of one core when they are asked for and forgets them when they are done.
class GroupSource {
 public:
  GroupSource(const Workload& workload, const Mapping& mapping, std::uint32_t core, std::uint32_t cores);

  // The core's i-th group, or nullptr after the last. Valid until its last query is done.
  Group* at(std::uint64_t i);
  // One query of the group has its output.
  void query_done(Group& group);
  std::uint64_t head_count() const { return head_count_; }

 private:
  bool make_next();
  void add_jobs(Group& group);

  const Workload& workload_;
  const Mapping& mapping_;
  const std::uint32_t core_, cores_;
  std::uint64_t head_count_;
  std::deque<std::unique_ptr<Group>> groups_;
  std::uint64_t first_kept_ = 0;  // number of groups_.front()
  std::uint64_t next_head_ = 0;   // of this core
  std::uint32_t next_query_ = 0;
  std::uint64_t sequence_ = 0, fetches_ = 0;
  std::shared_ptr<const Head> head_;
  std::vector<std::uint32_t> programmed_;  // resident: rows of tile * segments + segment
};

}  // namespace capcam

// A schedule lists the work of a core in order: heads, groups of queries, and the jobs of each array of the core for a
// group. Every module that needs it has its own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engines/systemc/heads.h"
#include "engines/systemc/tokens.h"
#include "mapping/mapping.h"

namespace capcam::systemc {

// A group is consecutive queries of a head that share the programming of its tiles.
struct Group {
  std::shared_ptr<const Head> head;
  std::uint32_t head_index = 0;
  bool first_of_head = false, last_of_head = false;
  bool needs_keys = false;  // true for the first group of a head whose keys the core's previous head did not have
  std::vector<QueryTag> queries;
  std::vector<std::vector<Job>> jobs;  // jobs of each array
};

// Returns the first tile at or after `tile` that holds a key the query may keep; mapping.tiles if there is none.
std::uint32_t next_valid_tile(const Mapping& mapping, const ValidKeys& valid, std::uint32_t tile);

class Schedule {
 public:
  Schedule(const Workload& workload, Heads& heads, const Mapping& mapping, std::uint32_t core, std::uint32_t cores);

  // Returns the core's next group; null after the last.
  const Group* next();
  void advance();

 private:
  void make_next();
  void add_jobs(Group& group);

  const Workload& workload_;
  Heads& heads_;
  const Mapping& mapping_;
  const std::uint32_t core_, cores_;
  std::uint32_t next_head_;  // number of the head in the workload
  std::uint32_t next_query_ = 0;
  std::uint64_t sequence_ = 0, fetches_ = 0;
  bool made_ = false;
  Group group_;
  std::shared_ptr<const Head> head_;
  std::vector<std::uint32_t> programmed_;  // resident: rows of tile * segments + segment
};

}  // namespace capcam::systemc

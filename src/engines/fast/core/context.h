// The things that the components of a core share: the rules, the work in flight, the events and the sums.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engines/fast/core/dram_channel.h"
#include "engines/fast/core/event_queue.h"
#include "engines/fast/core/in_flight.h"
#include "engines/fast/core/query_data.h"
#include "engines/fast/core/tally.h"
#include "engines/fast/schedule/schedule.h"
#include "stats/dram_log.h"

namespace capcam::fast {

struct CoreContext {
  const TimingRules& rules;
  Schedule& schedule;
  DramChannel& dram;
  const DataSource* data;  // null as long as times do not depend on the data
  DramLog* log;            // may be null
  std::uint32_t number;    // number of the core

  Cycle now = 0;
  EventQueue events{};
  Window<GroupState> groups{};   // groups that have entered and are not complete
  Window<QueryState> queries{};  // queries that have entered and are not complete
  Record record{};

  GroupState& group_of(const QueryState& query) { return groups[query.group]; }
  bool last_of_group(const QueryState& query) { return query.lane + 1 == group_of(query).profile->lanes; }
  Tally& tally() { return record.tally; }
  ActionCounts& counts() { return record.tally.counts; }

  static void describe(auto& v, auto& c) {
    v.numbered_window(c.groups, v.moment().group + 1);
    v.numbered_window(c.queries, v.moment().first_query + c.groups.back().profile->lanes);
    v.part(c.events);
    v.part(c.dram);
  }
};

}  // namespace capcam::fast

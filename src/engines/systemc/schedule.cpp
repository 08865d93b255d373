// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/schedule.h"

#include <algorithm>

namespace capcam::systemc {

std::uint32_t next_valid_tile(const Mapping& mapping, const ValidKeys& valid, std::uint32_t tile) {
  if (valid.begin() == valid.end()) return mapping.tiles;
  tile = std::max(tile, mapping.placement().first_tile(valid.begin()));
  for (const std::uint32_t end = mapping.placement().end_tile(valid.end()); tile < end; ++tile) {
    if (valid.any(mapping.keys_of(tile))) return tile;
  }
  return mapping.tiles;
}

Schedule::Schedule(const Workload& workload, Heads& heads, const Mapping& mapping, std::uint32_t core,
                   std::uint32_t cores)
    : workload_(workload), heads_(heads), mapping_(mapping), core_(core), cores_(cores), next_head_(core) {}

const Group* Schedule::next() {
  if (!made_ && next_head_ < workload_.head_count()) make_next();
  return made_ ? &group_ : nullptr;
}

void Schedule::advance() { made_ = false; }

void Schedule::make_next() {
  made_ = true;
  group_ = {};
  if (next_query_ == 0) {
    head_ = heads_.get(next_head_);
    group_.first_of_head = true;
    group_.needs_keys = next_head_ == core_ || !workload_.same_keys(next_head_ - cores_, next_head_);
    if (group_.needs_keys) programmed_.assign(std::size_t{mapping_.tiles} * mapping_.segmentation.segments(), 0);
  }
  group_.head = head_;
  group_.head_index = next_head_;
  const std::uint32_t lanes = std::min(mapping_.queries_per_program, head_->queries - next_query_);
  for (std::uint32_t lane = 0; lane < lanes; ++lane, ++next_query_)
    group_.queries.push_back(
        {next_head_, next_query_, lane, head_->number, sequence_++, head_->score_scale, head_->valid(next_query_)});
  add_jobs(group_);
  if (next_query_ < head_->queries) return;
  group_.last_of_head = true;
  next_query_ = 0;
  next_head_ += cores_;
}

void Schedule::add_jobs(Group& group) {
  group.jobs.resize(mapping_.arrays);
  const std::uint32_t segments = mapping_.segmentation.segments();
  std::vector<std::uint32_t> next;  // each lane's next valid tile
  for (const QueryTag& query : group.queries) next.push_back(next_valid_tile(mapping_, query.valid, 0));
  // In decode the array holds the keys of this step and those before.
  const std::uint32_t there =
      mapping_.decode == Decode::off ? mapping_.keys : head_->valid.there(group.queries.front().query);
  for (;;) {
    const std::uint32_t tile = *std::min_element(next.begin(), next.end());
    if (tile >= mapping_.tiles) return;
    for (std::uint32_t segment = 0; segment < segments; ++segment) {
      Job job{tile, segment, mapping_.placement().tile(tile, there).count};
      if (mapping_.resident && mapping_.decode != Decode::reprogram) {
        std::uint32_t& programmed = programmed_[std::size_t{tile} * segments + segment];
        job.first_row = std::min(programmed, job.keys);
        programmed = std::max(programmed, job.keys);
      }
      if (job.programs()) job.fetch = fetches_++;
      group.jobs[mapping_.array_of(tile, segment)].push_back(job);
    }
    for (std::size_t lane = 0; lane < next.size(); ++lane) {
      if (next[lane] == tile) next[lane] = next_valid_tile(mapping_, group.queries[lane].valid, tile + 1);
    }
  }
}

}  // namespace capcam::systemc

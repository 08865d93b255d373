// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/group.h"

#include <algorithm>

namespace capcam {

std::uint32_t next_valid_tile(const Mapping& mapping, const ValidKeys& valid, std::uint32_t tile) {
  tile = std::max(tile, valid.begin() / mapping.rows);
  while (tile < mapping.tiles) {
    const std::uint32_t first = mapping.first_key(tile);
    if (first >= valid.end()) return mapping.tiles;
    if (valid.any(first, first + mapping.keys_in(tile))) return tile;
    ++tile;
  }
  return mapping.tiles;
}

GroupSource::GroupSource(const Workload& workload, const Mapping& mapping, std::uint32_t core, std::uint32_t cores)
    : workload_(workload),
      mapping_(mapping),
      core_(core),
      cores_(cores),
      head_count_(workload.head_count() > core ? (workload.head_count() - core - 1) / cores + 1 : 0) {}

Group* GroupSource::at(std::uint64_t i) {
  while (i >= first_kept_ + groups_.size()) {
    if (!make_next()) return nullptr;
  }
  return groups_[i - first_kept_].get();
}

void GroupSource::query_done(Group& group) {
  --group.unfinished;
  while (!groups_.empty() && groups_.front()->unfinished == 0) {
    groups_.pop_front();
    ++first_kept_;
  }
}

bool GroupSource::make_next() {
  if (next_head_ == head_count_) return false;
  const auto index = static_cast<std::uint32_t>(core_ + next_head_ * cores_);
  auto group = std::make_unique<Group>();
  if (next_query_ == 0) {
    head_ = workload_.head(index);
    group->first_of_head = true;
    group->needs_keys = next_head_ == 0 || !workload_.same_keys(index - cores_, index);
    if (group->needs_keys) programmed_.assign(std::size_t{mapping_.tiles} * mapping_.segmentation.segments(), 0);
  }
  group->head = head_;
  group->head_index = index;
  group->first_sequence = sequence_;
  const std::uint32_t lanes = std::min(mapping_.queries_per_program, head_->queries - next_query_);
  for (std::uint32_t lane = 0; lane < lanes; ++lane) {
    const ValidKeys valid = head_->valid(next_query_ + lane);
    group->lanes.push_back({next_query_ + lane, valid, next_valid_tile(mapping_, valid, 0) == mapping_.tiles});
  }
  group->unfinished = lanes;
  add_jobs(*group);
  sequence_ += lanes;
  next_query_ += lanes;
  if (next_query_ == head_->queries) {
    group->last_of_head = true;
    next_query_ = 0;
    ++next_head_;
  }
  groups_.push_back(std::move(group));
  return true;
}

void GroupSource::add_jobs(Group& group) {
  group.jobs.resize(mapping_.arrays);
  const std::uint32_t segments = mapping_.segmentation.segments();
  std::vector<std::uint32_t> next(group.lanes.size());  // each lane's next valid tile
  for (std::size_t lane = 0; lane < next.size(); ++lane)
    next[lane] = next_valid_tile(mapping_, group.lanes[lane].valid, 0);
  // In decode the array holds the keys of this step and those before.
  const std::uint32_t there =
      mapping_.decode == Decode::off ? mapping_.keys : head_->valid.there(group.lanes.front().query);
  for (;;) {
    const std::uint32_t tile = *std::min_element(next.begin(), next.end());
    if (tile >= mapping_.tiles) return;
    for (std::uint32_t segment = 0; segment < segments; ++segment) {
      Job job{tile, segment, std::min(mapping_.rows, there - mapping_.first_key(tile))};
      if (mapping_.resident && mapping_.decode != Decode::reprogram) {
        std::uint32_t& programmed = programmed_[std::size_t{tile} * segments + segment];
        job.first_row = std::min(programmed, job.keys);
        programmed = std::max(programmed, job.keys);
      }
      if (job.programs()) job.fetch = fetches_++;
      group.jobs[mapping_.array_of(tile, segment)].push_back(job);
    }
    for (std::size_t lane = 0; lane < next.size(); ++lane) {
      if (next[lane] == tile) next[lane] = next_valid_tile(mapping_, group.lanes[lane].valid, tile + 1);
    }
  }
}

}  // namespace capcam

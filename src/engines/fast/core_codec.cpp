// A core's state as a row of numbers, the same for any two states from which the core goes on alike: times relative to
// now, numbers of queries and groups relative to the waiting group's, and nothing kept of what is over.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>

#include "capcam/error.h"
#include "engines/fast/core.h"

namespace capcam::fast {
namespace {

// Where restored numbers of slots and fetches end: only their differences matter. Beyond any depth, and low 32 bits
// that no_slot is far from.
constexpr std::uint64_t renumbered = (std::uint64_t{1} << 40) + (std::uint64_t{1} << 20);

}  // namespace

// Writes numbers, or reads them back.
class Core::Codec {
 public:
  Codec(SavedState& saved, bool reads, Cycle now) : saved_(saved), reads_(reads), now_(now) {}

  bool reads() const { return reads_; }
  template <class T>
  void number(T& value) {
    if (reads_) {
      value = static_cast<T>(saved_.numbers[at_++]);
    } else {
      saved_.numbers.push_back(static_cast<std::int64_t>(value));
    }
  }
  // A time before now + floor is as good as now + floor.
  void time(Cycle& value, Cycle floor = 0) {
    Cycle relative = value == never || reads_ ? never : std::max(value - now_, floor);
    number(relative);
    if (reads_) value = relative == never ? never : relative + now_;
  }
  void relative(std::uint64_t& value, std::uint64_t base) {
    std::uint64_t difference = value - base;
    number(difference);
    if (reads_) value = difference + base;
  }
  // The elements of a window, numbered relative to its end.
  template <class T, class Element>
  void window(Window<T>& window, std::uint64_t end, const Element& element) {
    std::uint64_t size = window.size();
    number(size);
    if (reads_) {
      window.restart(end - size);
      for (std::uint64_t i = 0; i != size; ++i) window.push_back({});
    }
    for (std::uint64_t i = window.begin(); i != window.end(); ++i) element(window[i], i);
  }
  void profile(ProfilePointer& pointer) {
    std::uint32_t id = pointer == nullptr ? 0 : pointer->id;
    number(id);
    if (!reads_) {
      saved_.profiles.push_back(pointer);
    } else {
      pointer = saved_.profiles[next_profile_++];
    }
  }

 private:
  SavedState& saved_;
  bool reads_;
  Cycle now_;
  std::size_t at_ = 0;
  std::size_t next_profile_ = 0;
};

void Core::code_arrays(Codec& codec, std::uint64_t group) {
  for (ArrayState& a : state_.arrays) {
    codec.time(a.free);
    codec.time(a.converters_free);
    codec.number(a.programmed);
    codec.number(a.pending);
    if (a.pending) {
      codec.relative(a.pending_group, group);
      codec.number(a.pending_tile);
      codec.number(a.pending_lane);
      codec.number(a.pending_last_segment);
      codec.time(a.converted, -never);
    }
    if (codec.reads()) {
      a.has_job = a.opened = a.awaits_keys = false;
    } else {
      // A result that was written before now keeps nobody waiting.
      while (!a.slots.empty() && a.slots.front().written <= now_) a.slots.pop_front();
    }
    codec.window(a.shown, renumbered, [&](ShownState& shown, std::uint64_t) {
      codec.time(shown.start, -never);
      codec.time(shown.end, -never);
    });
    // A cell finds its slot by the distance from the end.
    codec.window(a.slots, renumbered, [&](SlotState& slot, std::uint64_t) {
      codec.time(slot.written);
      std::uint64_t shown = slot.written == never ? slot.shown - a.shown.begin() : 0;
      codec.number(shown);
      slot.shown = shown + a.shown.begin();
    });
    codec.time(a.busy_until);
    const Cycle shown_from = a.shown.empty() ? now_ : std::min(now_, a.shown.front().start);
    codec.time(a.shown_until, shown_from - now_);
  }
}

void Core::code_query(Codec& codec, QueryState& q, std::uint64_t waiting_group, std::uint64_t first_query) {
  codec.relative(q.group, waiting_group);
  codec.number(q.lane);
  codec.number(q.empty);
  codec.number(q.next_tile);
  codec.number(q.occupied);
  codec.number(q.awaits_lane);
  codec.number(q.awaits_room);
  codec.number(q.has_lane_next);
  if (q.has_lane_next) codec.relative(q.lane_next, first_query);
  codec.time(q.last_write);
  codec.number(q.shadow_merges);
  codec.number(q.drained);
  codec.number(q.held);
  codec.time(q.values_there);
  bool dropped = q.dropped != 0;
  codec.number(dropped);
  q.dropped = dropped ? 1 : 0;
  std::size_t bursts = q.bursts.size();
  codec.number(bursts);
  q.bursts.resize(bursts);
  for (Burst& burst : q.bursts) codec.number(burst.rows);  // none is issued
}

void Core::code_cells(Codec& codec, const QueryState& q) {
  GroupState& group = group_of(q);
  const GroupProfile& profile = *group.profile;
  if (q.next_tile == profile.tiles) return;
  group.cells.resize(profile.candidates.size());
  for (std::uint32_t tile = q.next_tile;; tile = profile.next_of_lane(tile, q.lane)) {
    CellState& cell = group.cells[std::size_t{tile} * profile.lanes + q.lane];
    codec.number(cell.missing);
    codec.time(cell.ready);
    const std::uint64_t job = std::uint64_t{profile.first_tile + tile} * machine_.segments + machine_.segments - 1;
    const auto end = static_cast<std::uint32_t>(state_.arrays[job % machine_.arrays].slots.end());
    std::uint32_t distance = cell.slot == no_slot ? no_slot : end - cell.slot;
    codec.number(distance);
    cell.slot = distance == no_slot ? no_slot : end - distance;
    if (tile == profile.last_of_lane[q.lane]) return;
  }
}

void Core::code(Codec& codec) {
  CoreState& s = state_;
  const std::uint64_t group = s.groups.end() - 1;
  const std::uint64_t first_query = schedule_.first_query(group);

  codec.window(s.groups, group + 1, [&](GroupState& g, std::uint64_t number) {
    codec.profile(g.profile);
    std::uint32_t duties = g.duties.bits();
    codec.number(duties);
    g.duties = GroupDuties::of(duties);
    g.first_query = schedule_.first_query(number);
    if (number == group) g.entry = g.searched = now_;
  });
  const std::uint64_t queries_end = first_query + s.groups.back().profile->lanes;
  codec.window(s.queries, queries_end, [&](QueryState& q, std::uint64_t) { code_query(codec, q, group, first_query); });
  code_arrays(codec, group);
  for (std::uint64_t number = s.queries.begin(); number < first_query; ++number) code_cells(codec, query(number));

  codec.relative(s.next_drained, first_query);
  codec.relative(s.next_handed, first_query);
  for (std::uint64_t& last : s.lane_last) {
    if (!codec.reads() && last <= s.next_handed) last = s.next_handed;  // nobody waits for it
    codec.relative(last, first_query);
  }
  codec.number(s.hand_requested);
  codec.number(s.undrained_groups);
  codec.number(s.unhanded_groups);
  codec.time(s.keys_there);

  std::size_t merges = s.merges.size();
  codec.number(merges);
  s.merges.resize(merges);
  for (MergeRequest& request : s.merges) {
    codec.relative(request.query, first_query);
    codec.number(request.last);
  }
  codec.number(s.merging);
  codec.number(s.normalizing);
  codec.number(s.normalized_waits);
  if (s.normalizing) codec.relative(s.normalized_query, first_query);
  codec.number(s.contextualizing);
  codec.number(s.accumulating);
  codec.number(s.values_posted);
  if (s.contextualizing) codec.relative(s.contextualized_query, first_query);
  codec.number(s.held);
  codec.number(s.waiting_bursts);
  codec.time(s.values_until);

  if (!machine_.keys_fit) {
    // Requests reach into the past as far as their answers may still be on their way.
    codec.window(s.fetches, renumbered, [&](FetchState& fetch, std::uint64_t) {
      codec.time(fetch.programmed, -machine_.latency_cycles);
      codec.time(fetch.there);
    });
    codec.relative(s.jobs_numbered, s.fetches.begin());
    codec.time(s.fetch_requested, -machine_.latency_cycles);
  }
  Cycle backlog = channel_.backlog_units(now_);
  codec.number(backlog);
  if (codec.reads()) channel_.set_backlog_units(now_, backlog);

  std::size_t events = s.events.size();
  codec.number(events);
  s.events.resize(events);
  if (!codec.reads()) {
    std::sort(s.events.begin(), s.events.end(), [](const Event& a, const Event& b) { return b > a; });  // a heap too
  }
  for (Event& event : s.events) {
    codec.time(event.time);
    codec.number(event.type);
    const bool of_query = event.type != EventType::enter && event.type != EventType::load_keys &&
                          event.type != EventType::normalized && event.type != EventType::values_there;
    if (of_query) codec.relative(event.who, first_query);
    if (!of_query && codec.reads()) event.who = 0;
    codec.number(event.what);
  }
}

SavedState Core::save() {
  SavedState saved;
  Codec codec(saved, false, now_);
  code(codec);
  return saved;
}

void Core::restore(const SavedState& saved, Cycle now, std::uint64_t group) {
  now_ = now;
  state_.groups.restart(group + 1);
  SavedState source = saved;
  Codec codec(source, true, now);
  code(codec);
  state_.gate = never;
  state_.enter_posted = false;
  state_.association_accounted = state_.values_accounted = now;
  state_.normalized_since = now;
  group_waits_ = true;
  next_known_ = false;
}

}  // namespace capcam::fast

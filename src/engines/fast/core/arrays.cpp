// SPDX-License-Identifier: Apache-2.0
#include "engines/fast/core/arrays.h"

#include <algorithm>

#include "engines/fast/core/state_codec.h"

namespace capcam::fast {

Arrays::Arrays(CoreContext& core, KeyStream& key_stream, TileSelection& tile_selection, Dispatch& dispatch)
    : core_(core),
      key_stream_(key_stream),
      tile_selection_(tile_selection),
      dispatch_(dispatch),
      arrays_(core.rules.arrays) {}

void Arrays::forget_keys() {
  for (ArrayState& array : arrays_) array.programmed = 0;
}

void Arrays::begin_group() {
  GroupState& group = core_.groups.back();
  if (!core_.rules.keys_fit) number_jobs(group);
  const std::uint32_t count = core_.rules.arrays;
  const std::uint64_t phase = std::uint64_t{group.profile->first_tile} * core_.rules.segments % count;
  group.arrays_left = 0;
  for (std::uint32_t number = 0; number < count; ++number) {
    ArrayState& array = arrays_[number];
    array.group = core_.groups.end() - 1;
    next_job(array, (number + count - phase) % count);
    if (array.has_job) ++group.arrays_left;
  }
  for (std::uint32_t number = 0; number < count; ++number) step(number);
  go_on();
}

// Goes on to the array's first job from job number `from` of its group on.
void Arrays::next_job(ArrayState& array, std::uint64_t from) {
  const GroupProfile& profile = *core_.groups[array.group].profile;
  const std::uint32_t segments = core_.rules.segments;
  const std::uint64_t jobs = std::uint64_t{profile.tiles} * segments;
  while (from < jobs && !profile.searched(static_cast<std::uint32_t>(from / segments))) from += core_.rules.arrays;
  array.has_job = from < jobs;
  array.opened = false;
  array.job = from;
}

// Takes an array as far as is known.
void Arrays::step(std::uint32_t number) {
  ArrayState& array = arrays_[number];
  for (;;) {
    // The next tile is programmed while a result still waits for the converters.
    if (array.has_job && !array.opened) program(number);
    if (array.converting && !convert(number)) return;
    if (!array.has_job || !array.opened) return;
    search(array);
  }
}

void Arrays::keys_come() {
  std::erase_if(without_keys_, [this](std::uint32_t number) {
    ArrayState& array = arrays_[number];
    if (key_stream_.there(core_.groups[array.group].fetches[array.job]) == never) return false;
    array.awaits_keys = false;
    tile_selection_.freed_arrays().push_back(number);
    return true;
  });
}

void Arrays::go_on() {
  std::vector<std::uint32_t>& freed = tile_selection_.freed_arrays();
  while (!freed.empty()) {
    const std::uint32_t number = freed.back();
    freed.pop_back();
    step(number);
  }
}

void Arrays::describe(StateCodec& v) { v.list(arrays_); }

}  // namespace capcam::fast

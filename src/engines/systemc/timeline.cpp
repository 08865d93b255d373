// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/atomic_file.h"

namespace capcam::systemc {

namespace {

// Perfetto takes process and thread 0 for the machine's idle time.
std::uint32_t process_of(std::uint32_t core) { return core + 1; }

}  // namespace

std::uint32_t Timeline::add(std::uint32_t core, const std::string& name) {
  tracks_.push_back({core, name});
  return static_cast<std::uint32_t>(tracks_.size() - 1);
}

void Timeline::slice(std::uint32_t track, UnitState state, Cycle from, Cycle to, const Activity& activity) {
  if (to <= first_ || from > last_) return;
  if (slices_.size() == limit) {
    cut_ = std::min(cut_.value_or(never), from);
    return;
  }
  slices_.push_back({std::max(from, first_), std::min(to, last_ == never ? never : last_ + 1), track, state, activity});
}

std::optional<Cycle> Timeline::write(const std::filesystem::path& path, Cycle end) {
  std::string text = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n";
  const auto out = std::back_inserter(text);
  std::uint32_t named = 0;  // cores
  for (std::uint32_t track = 0; track < tracks_.size(); ++track) {
    const std::uint32_t core = tracks_[track].core;
    for (; named <= core; ++named)
      fmt::format_to(out, "{{\"ph\":\"M\",\"pid\":{},\"name\":\"process_name\",\"args\":{{\"name\":\"core {}\"}}}},\n",
                     process_of(named), named);
    fmt::format_to(out,
                   "{{\"ph\":\"M\",\"pid\":{},\"tid\":{},\"name\":\"thread_name\",\"args\":{{\"name\":\"{}\"}}}},\n",
                   process_of(core), track + 1, tracks_[track].name);
    fmt::format_to(
        out, "{{\"ph\":\"M\",\"pid\":{},\"tid\":{},\"name\":\"thread_sort_index\",\"args\":{{\"sort_index\":{}}}}},\n",
        process_of(core), track + 1, track);
  }
  const double us = 1e-9 * static_cast<double>(period_fs_);  // a cycle
  const Cycle stop = std::min(end, cut_.value_or(never));
  for (const Slice& slice : slices_) {
    const Cycle to = std::min(slice.to, end);
    if (slice.from >= stop || slice.from >= to) continue;
    const Activity& a = slice.activity;
    std::string name = "burst";
    if (slice.state == UnitState::blocked) {
      name = "blocked";
    } else if (a.query != Activity::none) {
      name = a.tile == Activity::none ? fmt::format("q{}", a.query) : fmt::format("q{} t{}", a.query, a.tile);
    }
    fmt::format_to(out,
                   "{{\"ph\":\"X\",\"pid\":{},\"tid\":{},\"name\":\"{}\",\"ts\":{},\"dur\":{},\"args\":{{\"cycle\":{},"
                   "\"cycles\":{}",
                   process_of(tracks_[slice.track].core), slice.track + 1, name, us * static_cast<double>(slice.from),
                   us * static_cast<double>(to - slice.from), slice.from, to - slice.from);
    // Query and tile stand in the name.
    if (a.query != Activity::none) fmt::format_to(out, ",\"head\":{}", a.head);
    text += "}},\n";
  }
  if (text.ends_with(",\n")) text.erase(text.size() - 2);
  fmt::format_to(out, "\n],\"otherData\":{{\"end_cycle\":{}}}}}\n", end);
  write_file_atomically(path, text);
  return cut_;
}

}  // namespace capcam::systemc

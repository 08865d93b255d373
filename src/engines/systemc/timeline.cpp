// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/atomic_file.h"

namespace capcam::systemc {

std::uint32_t Timeline::add(std::uint32_t core, const std::string& name) {
  tracks_.push_back({core, name});
  return static_cast<std::uint32_t>(tracks_.size() - 1);
}

void Timeline::slice(std::uint32_t track, UnitState state, Cycle from, Cycle to, const Activity& activity) {
  if (slices_.size() == limit) {
    cut_ = std::min(cut_.value_or(never), from);
    return;
  }
  slices_.push_back({from, to, track, state, activity});
}

std::optional<Cycle> Timeline::write(const std::filesystem::path& path, Cycle end) {
  std::string text = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n";
  const auto out = std::back_inserter(text);
  std::uint32_t named = 0;  // cores
  for (std::uint32_t track = 0; track < tracks_.size(); ++track) {
    const std::uint32_t core = tracks_[track].core;
    for (; named <= core; ++named)
      fmt::format_to(out, "{{\"ph\":\"M\",\"pid\":{},\"name\":\"process_name\",\"args\":{{\"name\":\"core {}\"}}}},\n",
                     named, named);
    fmt::format_to(out,
                   "{{\"ph\":\"M\",\"pid\":{},\"tid\":{},\"name\":\"thread_name\",\"args\":{{\"name\":\"{}\"}}}},\n",
                   core, track, tracks_[track].name);
    fmt::format_to(
        out, "{{\"ph\":\"M\",\"pid\":{},\"tid\":{},\"name\":\"thread_sort_index\",\"args\":{{\"sort_index\":{}}}}},\n",
        core, track, track);
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
                   tracks_[slice.track].core, slice.track, name, us * static_cast<double>(slice.from),
                   us * static_cast<double>(to - slice.from), slice.from, to - slice.from);
    if (a.query != Activity::none) fmt::format_to(out, ",\"head\":{},\"query\":{}", a.head, a.query);
    if (a.tile != Activity::none) fmt::format_to(out, ",\"tile\":{}", a.tile);
    text += "}},\n";
  }
  fmt::format_to(out, "{{\"ph\":\"i\",\"pid\":0,\"tid\":0,\"s\":\"g\",\"name\":\"end\",\"ts\":{}}}\n]}}\n",
                 us * static_cast<double>(end));
  write_file_atomically(path, text);
  return cut_;
}

}  // namespace capcam::systemc

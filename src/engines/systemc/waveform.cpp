// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/waveform.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "core/atomic_file.h"

namespace capcam::systemc {
namespace {

// Short names of printable characters, as the format wants them.
std::string identifier(std::uint32_t number) {
  std::string text;
  do {
    text += static_cast<char>('!' + number % 94);
    number /= 94;
  } while (number > 0);
  return text;
}

struct TimeScale {
  std::uint64_t fs;
  std::string name;
};

// Of the format's units the longest that a cycle is a whole number of.
TimeScale coarsest_exact(std::uint64_t period_fs) {
  TimeScale best{1, "1 fs"};
  std::uint64_t fs = 1;
  for (const char* unit : {"fs", "ps", "ns", "us", "ms", "s"}) {
    for (const int count : {1, 10, 100}) {
      if (period_fs % fs == 0) best = {fs, fmt::format("{} {}", count, unit)};
      fs *= 10;
    }
  }
  return best;
}

std::vector<std::string> split(const std::string& name) {
  std::vector<std::string> parts(1);
  for (const char c : name) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

}  // namespace

std::uint32_t Waveform::add(const std::string& name, std::uint32_t bits) {
  signals_.push_back({name, bits});
  return static_cast<std::uint32_t>(signals_.size() - 1);
}

void Waveform::change(std::uint32_t signal, Cycle at, std::uint64_t value) {
  if (at < first_) {  // what a signal is when the window begins
    Change& before = before_.try_emplace(signal, Change{at, signal, 0}).first->second;
    if (at >= before.at) before = {at, signal, static_cast<std::uint32_t>(value)};
    return;
  }
  if (at > last_) return;
  if (cut_ == never && changes_.size() >= limit) cut(at);
  if (at < cut_) changes_.push_back({at, signal, static_cast<std::uint32_t>(value)});
}

std::optional<Cycle> Waveform::write(const std::filesystem::path& path, Cycle end) {
  const TimeScale scale = coarsest_exact(period_fs_);
  std::string text = fmt::format(
      "$version capcam $end\n$comment one cycle is {} fs; state: 0 starved, 1 busy, 2 blocked $end\n$timescale {} "
      "$end\n",
      period_fs_, scale.name);
  const std::uint64_t period = period_fs_ / scale.fs;
  std::vector<std::string> open;  // scopes
  for (std::uint32_t number = 0; number < signals_.size(); ++number) {
    std::vector<std::string> scopes = split(signals_[number].name);
    const std::string last = scopes.back();
    scopes.pop_back();
    std::size_t common = 0;
    while (common < open.size() && common < scopes.size() && open[common] == scopes[common]) ++common;
    for (; open.size() > common; open.pop_back()) text += "$upscope $end\n";
    for (; open.size() < scopes.size(); open.push_back(scopes[open.size()]))
      text += fmt::format("$scope module {} $end\n", scopes[open.size()]);
    text += fmt::format("$var wire {} {} {} $end\n", signals_[number].bits, identifier(number), last);
  }
  for (; !open.empty(); open.pop_back()) text += "$upscope $end\n";
  std::vector<std::uint32_t> shown(signals_.size(), 0);
  for (const auto& [signal, before] : before_) shown[signal] = before.value;
  text += fmt::format("$enddefinitions $end\n#{}\n$dumpvars\n", first_ * period);
  for (std::uint32_t number = 0; number < signals_.size(); ++number)
    text += fmt::format("b{:b} {}\n", shown[number], identifier(number));
  text += "$end\n";

  std::stable_sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) { return a.at < b.at; });
  const Cycle stop = std::min({end, last_, cut_});
  std::vector<std::uint32_t> wanted = shown, touched;
  Cycle last = first_;
  for (std::size_t i = 0; i < changes_.size() && changes_[i].at <= stop;) {
    const Cycle at = changes_[i].at;
    touched.clear();
    for (; i < changes_.size() && changes_[i].at == at; ++i) {
      wanted[changes_[i].signal] = changes_[i].value;
      touched.push_back(changes_[i].signal);
    }
    bool stamped = at == first_;
    for (const std::uint32_t signal : touched) {
      if (wanted[signal] == shown[signal]) continue;
      if (!stamped) fmt::format_to(std::back_inserter(text), "#{}\n", at * period);
      stamped = true;
      last = at;
      shown[signal] = wanted[signal];
      fmt::format_to(std::back_inserter(text), "b{:b} {}\n", shown[signal], identifier(signal));
    }
  }
  if (stop > last) fmt::format_to(std::back_inserter(text), "#{}\n", stop * period);
  write_file_atomically(path, text);
  return cut_ == never ? std::nullopt : std::optional(cut_);
}

}  // namespace capcam::systemc

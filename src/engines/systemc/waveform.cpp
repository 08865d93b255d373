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
  if (cut_ == never && changes_.size() >= limit) cut(at);
  if (at < cut_) changes_.push_back({at, signal, static_cast<std::uint32_t>(value)});
}

std::optional<Cycle> Waveform::write(const std::filesystem::path& path, Cycle end) {
  std::string text =
      fmt::format("$version capcam $end\n$comment one cycle is {} fs $end\n$timescale 1 fs $end\n", period_fs_);
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
  text += "$enddefinitions $end\n#0\n$dumpvars\n";
  for (std::uint32_t number = 0; number < signals_.size(); ++number) text += fmt::format("b0 {}\n", identifier(number));
  text += "$end\n";

  std::stable_sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) { return a.at < b.at; });
  const Cycle stop = std::min(end, cut_);
  std::vector<std::uint32_t> shown(signals_.size(), 0), wanted(signals_.size(), 0);
  std::vector<std::uint32_t> touched;
  Cycle last = 0;
  for (std::size_t i = 0; i < changes_.size() && changes_[i].at <= stop;) {
    const Cycle at = changes_[i].at;
    touched.clear();
    for (; i < changes_.size() && changes_[i].at == at; ++i) {
      wanted[changes_[i].signal] = changes_[i].value;
      touched.push_back(changes_[i].signal);
    }
    bool stamped = at == 0;
    for (const std::uint32_t signal : touched) {
      if (wanted[signal] == shown[signal]) continue;
      if (!stamped) fmt::format_to(std::back_inserter(text), "#{}\n", at * period_fs_);
      stamped = true;
      last = at;
      shown[signal] = wanted[signal];
      fmt::format_to(std::back_inserter(text), "b{:b} {}\n", shown[signal], identifier(signal));
    }
  }
  if (stop > last) fmt::format_to(std::back_inserter(text), "#{}\n", stop * period_fs_);
  write_file_atomically(path, text);
  return cut_ == never ? std::nullopt : std::optional(cut_);
}

}  // namespace capcam::systemc

// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/table/responses.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <unordered_map>
#include <utility>

namespace capcam {

void Responses::add(std::vector<std::string> values, std::vector<std::optional<double>> figures) {
  if (points_.size() < most_points) points_.push_back({std::move(values), std::move(figures)});
}

// Keys are in one group if one's value says the other's, at every point.
std::vector<std::vector<std::size_t>> Responses::groups() const {
  const auto says = [&](std::size_t one, std::size_t other) {
    std::unordered_map<std::string, const std::string*> seen;
    return std::all_of(points_.begin(), points_.end(), [&](const Point& point) {
      const auto [found, is_new] = seen.try_emplace(point.values[one], &point.values[other]);
      return is_new || *found->second == point.values[other];
    });
  };
  std::vector<std::size_t> first(keys_.size());  // of the key's group
  std::iota(first.begin(), first.end(), 0);
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (first[i] == first[k] || !(says(i, k) || says(k, i))) continue;
      const auto [low, high] = std::minmax(first[i], first[k]);
      std::replace(first.begin(), first.end(), std::size_t{high}, std::size_t{low});
    }
  }
  std::vector<std::vector<std::size_t>> groups(keys_.size());
  for (std::size_t i = 0; i < keys_.size(); ++i) groups[first[i]].push_back(i);
  std::erase_if(groups, [](const auto& group) { return group.empty(); });
  return groups;
}

Responses::Verdict Responses::judge(const std::vector<std::size_t>& group) const {
  Verdict verdict{.moved = std::vector<bool>(figures_.size())};
  std::unordered_map<std::string, const Point*> alike;  // the first point of those that are the same but for the group
  for (const Point& point : points_) {
    std::string others;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (std::find(group.begin(), group.end(), i) == group.end()) others += point.values[i] + '\n';
    }
    const auto [found, is_new] = alike.try_emplace(others, &point);
    const Point& before = *found->second;
    if (is_new || before.values == point.values) continue;
    verdict.compared = true;
    for (std::size_t f = 0; f < figures_.size(); ++f)
      verdict.moved[f] = verdict.moved[f] || before.figures[f] != point.figures[f];
  }
  return verdict;
}

std::vector<Unmoved> Responses::unmoved() const {
  std::vector<Unmoved> all(figures_.size());
  for (std::size_t f = 0; f < figures_.size(); ++f) all[f] = {figures_[f], {}, true};
  for (const std::vector<std::size_t>& group : groups()) {
    const Verdict verdict = judge(group);
    for (std::size_t f = 0; f < figures_.size(); ++f) {
      const bool left_alone = verdict.compared && !verdict.moved[f];
      if (left_alone) {
        for (const std::size_t key : group) all[f].keys.push_back(keys_[key]);
      }
      all[f].by_all = all[f].by_all && left_alone;
    }
  }
  const auto is_there = [&](const std::string& figure) {
    const auto f = static_cast<std::size_t>(std::find(figures_.begin(), figures_.end(), figure) - figures_.begin());
    return std::all_of(points_.begin(), points_.end(),
                       [&](const Point& point) { return point.figures[f].has_value(); });
  };
  std::erase_if(all, [&](const Unmoved& one) { return one.keys.empty() || !is_there(one.figure); });
  return all;
}

std::string sentence_of(const Unmoved& unmoved) {
  return fmt::format("{} is the same whatever {} {}", unmoved.figure, fmt::join(unmoved.keys, ", "),
                     unmoved.keys.size() == 1 ? "is" : "are");
}

}  // namespace capcam

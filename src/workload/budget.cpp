// SPDX-License-Identifier: Apache-2.0
#include "workload/budget.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <vector>

#include "capcam/error.h"
#include "core/printable.h"

namespace capcam {
namespace {

// Reads a number above zero, if the key is there.
template <class Number>
std::optional<Number> above_zero(const Trace& trace, const std::string& key, std::vector<std::string>& problems) {
  const auto found = trace.metadata.find(key);
  if (found == trace.metadata.end()) return std::nullopt;
  const std::string& text = found->second;
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size() && number > 0 &&
      std::isfinite(static_cast<double>(number)))
    return number;
  problems.push_back(fmt::format("__metadata__: {}: expected a number above 0, got \"{}\"", key, printable(text)));
  return std::nullopt;
}

}  // namespace

std::optional<WorkloadBudget> read_budget(const Trace& trace) {
  const auto name = trace.metadata.find("workload");
  if (name == trace.metadata.end()) return std::nullopt;
  std::vector<std::string> problems;
  WorkloadBudget budget;
  budget.name = name->second;
  budget.layers = above_zero<std::uint64_t>(trace, "workload.layers", problems);
  budget.heads = above_zero<std::uint64_t>(trace, "workload.heads", problems);
  budget.audio_s = above_zero<double>(trace, "workload.audio_s", problems);
  budget.tokens_per_s = above_zero<double>(trace, "workload.tokens_per_s", problems);
  if (budget.audio_s && budget.tokens_per_s)
    problems.push_back("__metadata__: workload.audio_s and workload.tokens_per_s are two budgets: give one");
  if (!problems.empty())
    throw InputError(fmt::format("{} has a workload that cannot be read", printable(trace.path.string(), 4096)),
                     std::move(problems));
  return budget;
}

void write_budget(const WorkloadBudget& budget, std::map<std::string, std::string>& metadata) {
  metadata["workload"] = budget.name;
  if (budget.layers) metadata["workload.layers"] = fmt::format("{}", *budget.layers);
  if (budget.heads) metadata["workload.heads"] = fmt::format("{}", *budget.heads);
  if (budget.audio_s) metadata["workload.audio_s"] = fmt::format("{}", *budget.audio_s);
  if (budget.tokens_per_s) metadata["workload.tokens_per_s"] = fmt::format("{}", *budget.tokens_per_s);
}

}  // namespace capcam

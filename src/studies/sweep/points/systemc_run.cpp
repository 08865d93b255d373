// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/points/systemc_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "capcam/error.h"
#include "config/writer.h"
#include "core/json_text.h"
#include "report/figures.h"
#include "studies/sweep/points/child.h"

namespace capcam {
namespace {

constexpr int wrong_input = 2, broken_law = 3, interrupted = 130;  // exit statuses

// Removes "error: " and the line that says which engine runs.
std::string complaint(const std::string& err) {
  const std::size_t at = err.find("error: ");
  std::string text = at == std::string::npos ? err : err.substr(at + 7);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

nlohmann::ordered_json SystemCRuns::run(const SweepPoint& point, const PreparedTrace& trace) const {
  const ChildEnd end =
      run_child(program,
                {"run", child_input, "--trace", trace.trace().path.string(), "--layers",
                 fmt::format("{}", fmt::join(trace.info().layers, ",")), "--engine", "systemc", "--seed",
                 fmt::format("{}", point.config.seed), "--accuracy", fmt::format("{}", accuracy_share), "--json"},
                config_to_toml(point.config), stop_requested);
  if (end.status == interrupted) throw Interrupted();
  if (end.status == broken_law) throw LawBroken(complaint(end.err));
  if (end.status == wrong_input) throw InputError(complaint(end.err));
  if (end.status != 0)
    throw InputError(end.status < 0
                         ? fmt::format("the point's process was ended by signal {} (out of memory?)", -end.status)
                         : fmt::format("the point's process ended with {}: {}", end.status, complaint(end.err)));
  auto report = read_json(end.out);
  if (const auto* problem = std::get_if<std::string>(&report))
    throw InputError("the point's process printed no report: " + *problem);
  return std::get<nlohmann::ordered_json>(std::move(report));
}

std::string difference(const nlohmann::ordered_json& fast, const nlohmann::ordered_json& systemc) {
  constexpr int shown = 3;
  std::string text;
  int count = 0;
  const Figures figures = flat_figures(fast);
  const auto tell = [&](const std::string& name, const std::string& one, const std::string& other) {
    if (++count <= shown) text += fmt::format("{}{}: {} and {}", text.empty() ? "" : "; ", name, one, other);
  };
  for (const auto& [name, value] : figures) {
    if (name == "engine") continue;
    const nlohmann::ordered_json* other = find_figure(systemc, name);
    if (other == nullptr || *other != value) tell(name, value.dump(), other == nullptr ? "nothing" : other->dump());
  }
  for (const char* list : {"warnings", "cards"}) {
    if (fast.value(list, nlohmann::ordered_json()) != systemc.value(list, nlohmann::ordered_json()))
      tell(list, "one list", "another");
  }
  if (flat_figures(systemc).size() != figures.size()) tell("figures", "so many", "another number");
  if (count > shown) text += fmt::format("; and {} more", count - shown);
  return text;
}

}  // namespace capcam

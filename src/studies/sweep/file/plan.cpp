// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/file/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <unordered_set>
#include <utility>

#include "capcam/error.h"
#include "capcam/read_config.h"
#include "config/read_tree.h"
#include "config/writer.h"
#include "core/nearest.h"
#include "report/figures.h"
#include "studies/sweep/store/point_key.h"

namespace capcam {
namespace {

using WhereValues = std::map<std::string, WhereValue, std::less<>>;

WhereValue where_value(const nlohmann::ordered_json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number()) return json.get<double>();
  const std::string text = json.get<std::string>();
  if (text == "inf" || text == "-inf") return text == "inf" ? HUGE_VAL : -HUGE_VAL;
  return text;
}

WhereValue where_value(const Assignment& assignment) {
  if (const auto* truth = std::get_if<bool>(&assignment.value)) return *truth;
  if (const auto* whole = std::get_if<std::int64_t>(&assignment.value)) return static_cast<double>(*whole);
  if (const auto* number = std::get_if<double>(&assignment.value)) return *number;
  const auto* text = std::get_if<std::string>(&assignment.value);
  return text != nullptr ? *text : std::string();
}

void add_trace(const Report::TraceInfo& trace, WhereValues& values) {
  const TraceShape& shape = trace.shape;
  const std::pair<const char*, std::uint64_t> sizes[] = {
      {"batch", shape.batch},         {"heads", shape.heads},         {"kv_heads", shape.kv_heads},
      {"queries", shape.queries},     {"keys", shape.keys},           {"head_dim", shape.head_dim},
      {"value_dim", shape.value_dim}, {"layers", trace.layers.size()}};
  for (const auto& [name, size] : sizes) values[fmt::format("trace.{}", name)] = static_cast<double>(size);
  values["trace.name"] = std::filesystem::path(trace.path).stem().string();
}

// Puts a dotted key into a tree.
void assign(TomlNode& root, const Assignment& assignment) {
  TomlNode* at = &root;
  std::string_view rest = assignment.name;
  for (std::size_t dot; (dot = rest.find('.')) != std::string_view::npos; rest.remove_prefix(dot + 1)) {
    const std::string_view section = rest.substr(0, dot);
    TomlNode* next = at->find(section);
    if (next == nullptr || !next->is_table()) {
      if (next == nullptr) next = &at->children.emplace_back();
      *next = {std::string(section), assignment.key_place, assignment.place, TomlTable{}, {}, false};
    }
    at = next;
  }
  TomlNode value = assignment;
  value.name = rest;
  if (TomlNode* same = at->find(rest)) {
    *same = std::move(value);
  } else {
    at->children.push_back(std::move(value));
  }
}

class Planner {
 public:
  Planner(const SweepFile& file, const SweepTraces& traces)
      : file_(file), traces_(traces), tree_(read_toml_tree(file.base, {})), cards_(cards_digest()) {
    const Config base = read_config_tree(file.base, tree_);
    for (const auto& [key, value] : flat_figures(config_to_json(base))) values_[key] = where_value(value);
    // Places in the sweep file come after places in the configuration.
    first_source_ = tree_.sources.size();
    tree_.sources.insert(tree_.sources.end(), file.tree.sources.begin(), file.tree.sources.end());
    apply(file.same, tree_.root, values_);
    check_size();
  }

  SweepPlan plan() {
    for (trace_ = 0; trace_ < traces_.size(); ++trace_) {
      add_trace(traces_[trace_]->info(), values_);
      if (trace_ == 0) check_where();
      if (!file_.axes.empty() || file_.points.empty()) combine(0, {});
      for (const std::vector<Assignment>& listed : file_.points) add_point(listed);
    }
    if (!problems_.empty()) refuse();
    if (plan_.points.empty())
      throw InputError(
          fmt::format("the sweep {} has no point: 'where' excludes all {}", file_.path.string(), plan_.excluded));
    return std::move(plan_);
  }

 private:
  void apply(const std::vector<Assignment>& assignments, TomlNode& root, WhereValues& values) const {
    for (Assignment assignment : assignments) {
      values[assignment.name] = where_value(assignment);
      assignment.key_place.source += first_source_;
      assignment.place.source += first_source_;
      assign(root, assignment);
    }
  }

  void check_size() const {
    double combinations = file_.axes.empty() && !file_.points.empty() ? 0.0 : 1.0;
    for (const SweepAxis& axis : file_.axes) combinations *= static_cast<double>(axis.steps.size());
    const double points =
        (combinations + static_cast<double>(file_.points.size())) * static_cast<double>(traces_.size());
    if (points > static_cast<double>(file_.max_points)) throw too_many_points(file_, points);
  }

  void check_where() const {
    if (!file_.where) return;
    std::vector<std::string> known, problems;
    for (const auto& [key, value] : values_) known.push_back(key);
    for (const std::string& key : file_.where->keys()) {
      if (values_.contains(key)) continue;
      const std::vector<std::string> meant = nearest_keys(key, known);
      problems.push_back(fmt::format("where: unknown key {}{}", key,
                                     meant.empty() ? "" : fmt::format(", did you mean {}?", quoted_choice(meant))));
    }
    if (!problems.empty()) throw InputError("the sweep " + file_.path.string(), problems);
  }

  void combine(std::size_t axis, const std::vector<Assignment>& chosen) {
    if (axis == file_.axes.size()) return add_point(chosen);
    for (const std::vector<Assignment>& step : file_.axes[axis].steps) {
      std::vector<Assignment> more = chosen;
      more.insert(more.end(), step.begin(), step.end());
      combine(axis + 1, more);
    }
  }

  void add_point(const std::vector<Assignment>& assignments) {
    TomlTree tree = tree_;
    WhereValues values = file_.where ? values_ : WhereValues();
    apply(assignments, tree.root, values);
    if (file_.where && !file_.where->holds([&](const std::string& key) { return values.find(key)->second; })) {
      ++plan_.excluded;
      return;
    }
    try {
      SweepPoint point{read_config_tree(file_.base, std::move(tree)), trace_, ""};
      point.config.seed = file_.seed;
      point.key = point_key(point.config, traces_[trace_]->info(), file_.accuracy_share, cards_);
      if (keys_.insert(point.key).second) {
        plan_.points.push_back(std::move(point));
      } else {
        ++plan_.repeated;
      }
    } catch (const InputError& error) {
      problems_.insert(error.problems().begin(), error.problems().end());
      ++refused_;
    }
  }

  [[noreturn]] void refuse() {
    constexpr std::size_t shown = 20;
    std::vector<std::string> lines(problems_.begin(), problems_.end());
    if (lines.size() > shown) {
      const std::size_t left_out = lines.size() - shown;
      lines.resize(shown);
      lines.push_back(fmt::format("and {} more", left_out));
    }
    lines.emplace_back("combinations that make no sense can be left out: where = \"top_n.tile_k <= array.rows\"");
    throw InputError(
        fmt::format("{} point{} of the sweep {} cannot be", refused_, refused_ == 1 ? "" : "s", file_.path.string()),
        lines);
  }

  const SweepFile& file_;
  const SweepTraces& traces_;
  TomlTree tree_;  // tree of the base, with [same] put in
  std::string cards_;
  std::size_t first_source_ = 0;
  WhereValues values_;
  std::uint32_t trace_ = 0;
  SweepPlan plan_;
  std::unordered_set<std::string> keys_;
  std::set<std::string> problems_;
  std::uint64_t refused_ = 0;
};

}  // namespace

SweepPlan make_plan(const SweepFile& file, const SweepTraces& traces) { return Planner(file, traces).plan(); }

}  // namespace capcam

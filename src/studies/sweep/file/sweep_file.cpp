// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/file/sweep_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "capcam/error.h"
#include "capcam/read_config.h"
#include "config/toml_reader.h"
#include "core/nearest.h"
#include "core/read_file.h"
#include "core/resources.h"
#include "studies/sweep/file/axis_values.h"

namespace capcam {
namespace {

constexpr std::uint64_t usual_max_points = 100'000;

// The plain keys of a sweep file.
struct Plain {
  std::string base, layers, engine = "fast", where;
  std::uint64_t seed = 1, max_points = usual_max_points;
  double accuracy = 1.0;
  static void describe(auto& v, auto& p) {
    v.field("base", p.base, {.doc = "the configuration that points change", .required = true});
    v.field("layers", p.layers, {.doc = "of the traces"});
    v.field("engine", p.engine, {.doc = "fast or systemc"});
    v.field("where", p.where, {.doc = "which combinations are wanted"});
    v.field("seed", p.seed, {.doc = "of everything drawn at random"});
    v.field("accuracy", p.accuracy, {.min = 0.0, .max = 1.0, .doc = "share of the queries that is compared"});
    v.field("max_points", p.max_points, {.min = 1, .max = 1'000'000, .doc = "more are refused"});
  }
};

const std::vector<std::string> known_names = {"base",     "traces",     "layers",    "engine", "seed",
                                              "accuracy", "objectives", "where",     "same",   "grid",
                                              "linked",   "points",     "max_points"};

class SweepFileReader {
 public:
  explicit SweepFileReader(const std::filesystem::path& path) {
    file_.path = path;
    file_.tree = read_toml_tree(path, {});
    file_.text = read_file(path, std::size_t{16} << 20).text;  // were read above
  }

  SweepFile read() {
    check_names();
    read_plain();
    read_traces();
    read_objectives_list();
    if (const TomlNode* same = table("same")) file_.same = keys_of(*same, false);
    if (fits_max_points()) {
      read_grid();
      read_linked();
    }
    read_points();
    check_keys();
    if (!problems_.empty()) {
      const std::string heading = fmt::format("{} problem{} in the sweep {}", problems_.size(),
                                              problems_.size() == 1 ? "" : "s", file_.path.string());
      throw InputError(heading, std::move(problems_));
    }
    if (too_many_points_ > 0.0) throw too_many_points(file_, too_many_points_);
    return std::move(file_);
  }

 private:
  TomlNode& root() { return file_.tree.root; }

  void add(const TomlNode& at, const std::string& text) {
    problems_.push_back(fmt::format("{}: {}: {}", file_.tree.place_text(at.place), at.name, text));
  }

  void check_names() {
    for (const TomlNode& child : root().children) {
      if (std::find(known_names.begin(), known_names.end(), child.name) != known_names.end()) continue;
      const auto meant = nearest(child.name, known_names);
      add(child, meant ? fmt::format("unknown, did you mean {}?", *meant)
                       : fmt::format("unknown; a sweep file has {}", fmt::join(known_names, ", ")));
    }
  }

  void read_plain() {
    TomlTree plain = file_.tree;
    const std::set<std::string> names = {"base", "layers", "engine", "where", "seed", "accuracy", "max_points"};
    std::erase_if(plain.root.children, [&](const TomlNode& child) { return !names.contains(child.name); });
    Plain values;
    collect([&] {
      TomlReader reader(file_.path, plain);
      Plain::describe(reader, values);
      reader.finish();
    });
    file_.max_points = values.max_points;
    file_.seed = values.seed;
    file_.accuracy_share = values.accuracy;
    file_.systemc = values.engine == "systemc";
    if (!values.layers.empty()) file_.layers = values.layers;
    if (values.engine != "fast" && values.engine != "systemc")
      add(*root().find("engine"), fmt::format("expected fast or systemc, got '{}'", values.engine));
    if (!values.base.empty()) {
      read_base(*root().find("base"), values.base);
    }
    if (!values.where.empty()) {
      const TomlNode& where = *root().find("where");
      try {
        file_.where.emplace(values.where);
      } catch (const InputError& error) {
        problems_.push_back(fmt::format("{}: {}", file_.tree.place_text(where.place), error.what()));
      }
    }
  }

  void read_base(const TomlNode& node, const std::string& given) {
    try {
      file_.base = resolve_config_path(beside(node, given).string());
    } catch (const InputError& error) {
      add(node, fmt::format("there is no such file and no shipped configuration {}; {}", given,
                            fmt::join(error.problems(), " ")));
    }
  }

  // A path is relative to the file that has it; if nothing is there, the name may be a shipped one.
  std::filesystem::path beside(const TomlNode& node, const std::string& given) const {
    const std::filesystem::path source = file_.tree.sources[node.place.source];
    std::error_code failed;
    std::filesystem::path path = (source.parent_path() / given).lexically_normal();
    const std::filesystem::file_status status = std::filesystem::status(path, failed);  // a folder is no trace
    return std::filesystem::exists(status) && !std::filesystem::is_directory(status) ? path
                                                                                     : std::filesystem::path(given);
  }

  std::vector<const TomlNode*> texts(std::string_view name) {
    std::vector<const TomlNode*> found;
    const TomlNode* list = root().find(name);
    if (list == nullptr) return found;
    for (const TomlNode& child : list->children) {
      if (std::holds_alternative<std::string>(child.value)) found.push_back(&child);
    }
    if (!list->is_array() || found.empty() || found.size() != list->children.size())
      add(*list, "expected a list of texts");
    return found;
  }

  void read_traces() {
    if (root().find("traces") == nullptr)
      problems_.push_back(file_.path.string() + ": traces: required, but not given");
    std::set<std::filesystem::path> seen;
    for (const TomlNode* node : texts("traces")) {
      file_.traces.push_back(beside(*node, std::get<std::string>(node->value)));
      if (!seen.insert(file_.traces.back()).second) add(*root().find("traces"), "has a trace twice");
    }
  }

  void read_objectives_list() {
    std::vector<std::string> objectives;
    for (const TomlNode* node : texts("objectives")) objectives.push_back(std::get<std::string>(node->value));
    if (objectives.empty()) {
      file_.objectives = default_objectives();
      return;
    }
    try {
      file_.objectives = read_objectives(objectives);
    } catch (const InputError& error) {
      for (const std::string& problem : error.problems()) add(*root().find("objectives"), problem);
    }
  }

  TomlNode* table(std::string_view name) {
    TomlNode* node = root().find(name);
    if (node == nullptr || node->is_table()) return node;
    add(*node, fmt::format("expected a section [{}]", name));
    return nullptr;
  }

  // Lists a section's keys in the order of the file, keys of sections within it as dotted keys.
  static std::vector<Assignment> keys_of(const TomlNode& table, bool ranges) {
    std::vector<Assignment> keys;
    flatten(table, "", keys, ranges);
    std::stable_sort(keys.begin(), keys.end(),
                     [](const Assignment& a, const Assignment& b) { return a.key_place < b.key_place; });
    return keys;
  }

  static void flatten(const TomlNode& table, const std::string& prefix, std::vector<Assignment>& keys, bool ranges) {
    for (const TomlNode& child : table.children) {
      const std::string name = prefix.empty() ? child.name : prefix + "." + child.name;
      if (child.is_table() && !(ranges && is_range(child))) {
        flatten(child, name, keys, ranges);
      } else {
        keys.push_back(child);
        keys.back().name = name;
      }
    }
  }

  // This comes before anything is expanded, because a few bytes can ask for more points than there is memory.
  bool fits_max_points() {
    constexpr std::size_t most_axes = 256;
    std::vector<double> sizes;
    const auto count = [&](const TomlNode& group, bool together) {
      for (const Assignment& key : keys_of(group, true)) {
        const double size = count_axis_values(key);
        if (size <= 0.0) continue;  // the problem is told when it is read
        sizes.push_back(size);
        if (together) break;
      }
    };
    if (const TomlNode* grid = root().find("grid"); grid != nullptr && grid->is_table()) count(*grid, false);
    if (const TomlNode* linked = root().find("linked"); linked != nullptr) {
      if (linked->is_table()) count(*linked, true);
      for (const TomlNode& group : linked->children) {
        if (linked->is_array()) count(group, true);
      }
    }
    if (sizes.size() > most_axes) {
      problems_.push_back(fmt::format("{}: {} axes: at most {}", file_.path.string(), sizes.size(), most_axes));
      return false;
    }
    if (sizes.size() == 1) return true;  // the axis says so itself
    double points = sizes.empty() ? 0.0 : 1.0;
    for (const double size : sizes) points *= size;
    if (const TomlNode* listed = root().find("points")) points += static_cast<double>(listed->children.size());
    if (const TomlNode* traces = root().find("traces")) points *= static_cast<double>(traces->children.size());
    if (points > static_cast<double>(file_.max_points)) too_many_points_ = points;
    return too_many_points_ == 0.0;
  }

  void read_grid() {
    const TomlNode* grid = table("grid");
    if (grid == nullptr) return;
    for (const Assignment& key : keys_of(*grid, true)) {
      AxisValues values = axis_values(key, file_.max_points);
      if (!values.problem.empty()) {
        add(key, values.problem);
        continue;
      }
      SweepAxis axis;
      for (TomlNode& value : values.values) axis.steps.push_back({std::move(value)});
      file_.axes.push_back(std::move(axis));
    }
  }

  void read_linked() {
    const TomlNode* linked = root().find("linked");
    if (linked == nullptr) return;
    if (linked->is_table()) return read_linked_group(*linked);
    if (!linked->is_array()) return add(*linked, "expected a section [linked], or several [[linked]]");
    for (const TomlNode& group : linked->children) read_linked_group(group);
  }

  void read_linked_group(const TomlNode& group) {
    const std::vector<Assignment> keys = keys_of(group, true);
    SweepAxis axis;
    for (const Assignment& key : keys) {
      const double count = count_axis_values(key);
      if (!axis.steps.empty() && count > 0.0 && count != static_cast<double>(axis.steps.size())) {
        add(key, fmt::format("has {:.0f} values where {} has {}: linked keys vary together", count, keys.front().name,
                             axis.steps.size()));
        continue;
      }
      AxisValues values = axis_values(key, file_.max_points);
      if (!values.problem.empty()) {
        add(key, values.problem);
        continue;
      }
      if (axis.steps.empty()) axis.steps.resize(values.values.size());
      for (std::size_t i = 0; i < values.values.size(); ++i) axis.steps[i].push_back(std::move(values.values[i]));
    }
    if (!axis.steps.empty()) file_.axes.push_back(std::move(axis));
  }

  void read_points() {
    const TomlNode* points = root().find("points");
    if (points == nullptr) return;
    if (!points->is_array()) return add(*points, "expected [[points]], a list of sections");
    for (const TomlNode& point : points->children) {
      if (!point.is_table()) return add(*points, "expected [[points]], a list of sections");
      file_.points.push_back(keys_of(point, false));
    }
  }

  // A key is either held equal or varied, and varied only once.
  void check_keys() {
    std::set<std::string> same, varied;
    for (const Assignment& key : file_.same) same.insert(key.name);
    const auto check = [&](const Assignment& key) {
      if (same.contains(key.name)) add(key, "is held equal by [same] and varied here");
    };
    for (const SweepAxis& axis : file_.axes) {
      for (const Assignment& key : axis.steps.front()) {
        check(key);
        if (!varied.insert(key.name).second) add(key, "varies twice");
      }
    }
    for (const std::vector<Assignment>& point : file_.points) {
      for (const Assignment& key : point) check(key);
    }
  }

  void collect(const auto& read) {
    try {
      read();
    } catch (const InputError& error) {
      if (error.problems().empty()) problems_.emplace_back(error.what());
      problems_.insert(problems_.end(), error.problems().begin(), error.problems().end());
    }
  }

  SweepFile file_;
  double too_many_points_ = 0.0;
  std::vector<std::string> problems_;
};

}  // namespace

InputError too_many_points(const SweepFile& file, double points) {
  return InputError(
      fmt::format("the sweep {} has {:.0f} points, more than max_points ({}): vary less, or raise "
                  "max_points in the file",
                  file.path.string(), points, file.max_points));
}

SweepFile read_sweep_file(const std::filesystem::path& path) { return SweepFileReader(path).read(); }

std::filesystem::path resolve_sweep_path(const std::string& given) {
  std::error_code failed;
  if (std::filesystem::is_regular_file(given, failed)) return given;
  std::vector<std::string> shipped;
  for (const std::filesystem::path& folder : resource_folders()) {
    for (const auto& entry : std::filesystem::directory_iterator(folder / "configs" / "sweeps", failed)) {
      if (entry.path().extension() != ".toml") continue;
      if (entry.path().stem() == given || entry.path().filename() == given) return entry.path();
      shipped.push_back(entry.path().stem().string());
    }
  }
  std::sort(shipped.begin(), shipped.end());
  shipped.erase(std::unique(shipped.begin(), shipped.end()), shipped.end());
  std::vector<std::string> help;
  if (const auto meant = nearest(std::filesystem::path(given).stem().string(), shipped))
    help.push_back(fmt::format("did you mean {}?", *meant));
  help.push_back(fmt::format("shipped sweeps: {}", fmt::join(shipped, ", ")));
  throw InputError(fmt::format("there is no sweep {}", given), help);
}

}  // namespace capcam

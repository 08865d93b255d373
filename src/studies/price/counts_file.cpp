// SPDX-License-Identifier: Apache-2.0
#include "studies/price/counts_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "capcam/error.h"
#include "config/writer.h"
#include "core/json_text.h"
#include "core/printable.h"
#include "core/read_file.h"
#include "cost/actions.h"
#include "kernels/matchline.h"
#include "kernels/random_readout.h"

namespace capcam {
namespace {

constexpr std::size_t largest_file = std::size_t{64} << 20;
constexpr std::uint64_t largest_count = std::uint64_t{1} << 62;

nlohmann::json parse(const std::filesystem::path& path) {
  const FileText file = read_file(path, largest_file);
  if (!file.problem.empty()) throw InputError(fmt::format("{}: {}", path.string(), file.problem));
  std::variant<nlohmann::json, std::string> read = read_json<nlohmann::json>(file.text);
  if (const auto* problem = std::get_if<std::string>(&read))
    throw InputError(fmt::format("{}: {}", path.string(), printable(*problem, 240)));
  return std::get<nlohmann::json>(std::move(read));
}

// Returns the text as a message may show it.
std::string shown(const nlohmann::json& value) {
  return printable(value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), 60);
}

class Reading {
 public:
  Reading(const std::filesystem::path& path, std::vector<std::string>& problems) : path_(path), problems_(problems) {}

  void problem(const std::string& text) { problems_.push_back(fmt::format("{}: {}", path_.string(), text)); }

  // Returns the value at "a/b", or null.
  static const nlohmann::json* find(const nlohmann::json& root, const std::string& pointer) {
    const nlohmann::json::json_pointer at("/" + pointer);
    return root.is_object() && root.contains(at) ? &root.at(at) : nullptr;
  }
  std::uint64_t number(const nlohmann::json& root, const std::string& pointer, std::uint64_t least,
                       std::uint64_t most) {
    const nlohmann::json* value = find(root, pointer);
    if (value != nullptr && value->is_number_unsigned()) {
      const auto number = value->get<std::uint64_t>();
      if (number >= least && number <= most) return number;
    }
    problem(fmt::format("{}: expected a whole number from {} to {}, got {}", pointer, least, most,
                        value == nullptr ? "nothing" : shown(*value)));
    return least;
  }

 private:
  const std::filesystem::path& path_;
  std::vector<std::string>& problems_;
};

struct CountReader {
  Reading& reading;
  const nlohmann::json& counts;
  std::size_t found = 0;
  void field(std::string_view name, std::uint64_t& count, const Spec<std::uint64_t>&) {
    const auto value = counts.find(std::string(name));
    if (value == counts.end()) return reading.problem(fmt::format("counts: lacks {}", name));
    ++found;
    if (!value->is_number_unsigned() || value->template get<std::uint64_t>() > largest_count) {
      return reading.problem(fmt::format("counts: {}: expected a whole number, got {}", name, shown(*value)));
    }
    count = value->template get<std::uint64_t>();
  }
};

bool prices_alone(const std::string& section, const std::string& key, bool ideal_circuit) {
  // Errors of the circuit depend on the node's wires.
  if (section == "cost") return ideal_circuit || key != "node_nm";
  if (section == "memory" && key == "dram_card") return true;
  return ideal_circuit && section == "sensing" && (key == "supply_v" || key == "cell_capacitance_ff");
}

void check_same_machine(const nlohmann::json& theirs, const Config& config, Reading& reading) {
  const bool ideal = matchline_is_ideal(config) && !RandomReadout::needed(config);
  const nlohmann::json ours = config_to_json(config);
  for (const auto& [section, keys] : ours.items()) {
    for (const auto& [key, value] : keys.items()) {
      if (prices_alone(section, key, ideal)) continue;
      const nlohmann::json* ran = Reading::find(theirs, fmt::format("{}/{}", section, key));
      if (ran != nullptr && *ran == value) continue;
      reading.problem(fmt::format("config: another machine ran: {}.{} was {}, not {}", section, key,
                                  ran == nullptr ? "not there" : shown(*ran), value.dump()));
    }
  }
}

}  // namespace

CountedRun read_counts(const std::filesystem::path& report_json, const Config& config) {
  const nlohmann::json report = parse(report_json);
  std::vector<std::string> problems;
  Reading reading(report_json, problems);
  const nlohmann::json* schema = Reading::find(report, "schema");
  if (schema == nullptr || *schema != "capcam-report/1") {
    throw InputError(fmt::format("{}: expected a report of capcam run (schema capcam-report/1)", report_json.string()));
  }
  CountedRun run;
  run.stats.cycles = reading.number(report, "cycles/total", 0, largest_count);
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  run.shape.batch = reading.number(report, "trace/batch", 1, most);
  run.shape.heads = reading.number(report, "trace/heads", 1, most);
  run.shape.kv_heads = reading.number(report, "trace/kv_heads", 1, most);
  run.shape.queries = reading.number(report, "trace/queries", 1, most);
  run.shape.keys = reading.number(report, "trace/keys", 1, most);
  run.shape.head_dim = reading.number(report, "trace/head_dim", 1, most);
  run.shape.value_dim = reading.number(report, "trace/value_dim", 1, most);
  const nlohmann::json* engine = Reading::find(report, "engine");
  if (engine != nullptr && engine->is_string()) run.engine = engine->get<std::string>();

  const nlohmann::json* counts = Reading::find(report, "counts");
  if (counts == nullptr || !counts->is_object()) {
    reading.problem("counts: expected an object of action counts");
  } else {
    CountReader reader{reading, *counts};
    ActionCounts::describe(reader, run.stats.counts);
    if (counts->size() != reader.found) {
      const ActionCounts none;
      const std::vector<Action> known = list_actions(none);
      for (const auto& count : counts->items()) {
        if (std::none_of(known.begin(), known.end(), [&](const Action& a) { return a.full_name() == count.key(); }))
          reading.problem(fmt::format("counts: unknown action {}", printable(count.key(), 60)));
      }
    }
  }
  const nlohmann::json* theirs = Reading::find(report, "config");
  if (theirs == nullptr || !theirs->is_object()) {
    reading.problem("config: expected the resolved configuration");
  } else {
    check_same_machine(*theirs, config, reading);
  }
  run.stats.head_queries = run.stats.counts.query_buffer_write;  // one per head-query (docs/timing.md)
  if (!problems.empty()) throw InputError("cannot price this run", std::move(problems));
  return run;
}

}  // namespace capcam

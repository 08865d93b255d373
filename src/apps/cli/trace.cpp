// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/trace.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/cli/streams.h"
#include "apps/cli/trace_import.h"
#include "apps/cli/trace_synth.h"
#include "capcam/error.h"
#include "capcam/trace.h"
#include "core/printable.h"
#include "trace/safetensors.h"
#include "trace/scan.h"
#include "workload/budget.h"
#include "workload/participation.h"
#include "workload/workload.h"

namespace capcam {
namespace {

// Has the result of a full read of one layer.
struct LayerScan {
  TensorScan q, k, v;
  double sigma_q, sigma_k;  // sigmas as stated by the trace, else as measured
};

LayerScan scan_layer(const Trace& trace, const TraceLayer& layer) {
  const Sigmas sigmas = sigmas_of(trace, layer, pack_masks(layer, trace.shape));
  return {scan_tensor(layer.q), scan_tensor(layer.k), scan_tensor(layer.v), sigmas.q, sigmas.k};
}

double share(const TensorScan& scan) { return static_cast<double>(scan.ones) / static_cast<double>(scan.elements); }

std::uint64_t non_finite(const LayerScan& scan) { return scan.q.non_finite + scan.k.non_finite + scan.v.non_finite; }

std::uint64_t layer_bytes(const TraceLayer& layer) {
  return layer.q.bytes.size() + layer.k.bytes.size() + layer.v.bytes.size() +
         (layer.mask ? layer.mask->bytes.size() : 0);
}

template <class Number>
nlohmann::ordered_json or_null(const std::optional<Number>& number) {
  return number ? nlohmann::ordered_json(*number) : nlohmann::ordered_json();
}

// Tells what all layers have in common, or the layers of each value: "4 positions (layers 0, 1), none (layers 2)".
template <class Number>
std::string layers_text(const Trace& trace, std::optional<Number> (Trace::*of_layer)(const TraceLayer&) const,
                        fmt::format_string<Number&> form, const std::string& none) {
  std::vector<std::pair<std::string, std::vector<std::uint32_t>>> groups;
  for (const TraceLayer& layer : trace.layers) {
    std::optional<Number> number = (trace.*of_layer)(layer);
    const std::string text = number ? fmt::format(form, *number) : none;
    const auto same =
        std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return group.first == text; });
    if (same == groups.end()) {
      groups.push_back({text, {layer.index}});
    } else {
      same->second.push_back(layer.index);
    }
  }
  if (groups.size() == 1) return groups.front().first;
  std::string text;
  for (const auto& [value, layers] : groups) {
    text += fmt::format("{}{} (layers {})", text.empty() ? "" : ", ", value, fmt::join(layers, ", "));
  }
  return text;
}

nlohmann::ordered_json info_json(const Trace& trace) {
  nlohmann::ordered_json json;
  json["path"] = trace.path.string();
  json["sha256"] = sha256_hex(trace.file->bytes());
  json["bytes"] = trace.file->bytes().size();
  json["model"] = trace.model.value_or("");
  json["layers"] = trace.layers.size();
  json["batch"] = trace.shape.batch;
  json["heads"] = trace.shape.heads;
  json["kv_heads"] = trace.shape.kv_heads;
  json["queries"] = trace.shape.queries;
  json["keys"] = trace.shape.keys;
  json["head_dim"] = trace.shape.head_dim;
  json["value_dim"] = trace.shape.value_dim;
  json["causal"] = trace.causal;
  json["query_offset"] = trace.query_offset;
  json["window"] = or_null(trace.window);
  json["scale"] = or_null(trace.scale);
  json["metadata"] = trace.metadata;
  json["per_layer"] = nlohmann::ordered_json::array();
  for (const TraceLayer& layer : trace.layers) {
    const LayerScan scan = scan_layer(trace, layer);
    json["per_layer"].push_back({{"layer", layer.index},
                                 {"dtype", dtype_name(layer.q.dtype)},
                                 {"bytes", layer_bytes(layer)},
                                 {"mask", layer.mask.has_value()},
                                 {"window", or_null(trace.window_of(layer))},
                                 {"scale", or_null(trace.scale_of(layer))},
                                 {"sigma_q", scan.sigma_q},
                                 {"sigma_q_from", layer.sigma_q ? "stated" : "measured"},
                                 {"sigma_k", scan.sigma_k},
                                 {"sigma_k_from", layer.sigma_k ? "stated" : "measured"},
                                 {"ones_q", share(scan.q)},
                                 {"ones_k", share(scan.k)},
                                 {"non_finite", non_finite(scan)}});
  }
  return json;
}

std::string info_text(const Trace& trace) {
  const TraceShape& shape = trace.shape;
  std::string text;
  const auto line = [&](std::string_view word, const std::string& value) {
    text += fmt::format("{:<14} {}\n", word, value);
  };
  line("trace", printable(trace.path.string(), 4096));
  line("model", trace.model ? printable(*trace.model) : "not stated");
  line("bytes", fmt::format("{}", trace.file->bytes().size()));
  line("layers", fmt::format("{}", trace.layers.size()));
  line("batch", fmt::format("{}", shape.batch));
  line("heads", fmt::format("{} ({} key/value heads)", shape.heads, shape.kv_heads));
  line("queries", fmt::format("{}, the first at position {}", shape.queries, trace.query_offset));
  line("keys", fmt::format("{}", shape.keys));
  line("head_dim", fmt::format("{}", shape.head_dim));
  line("value_dim", fmt::format("{}", shape.value_dim));
  line("causal", trace.causal ? "yes" : "no");
  line("window", layers_text(trace, &Trace::window_of, "{} positions", "none"));
  line("scale", layers_text(trace, &Trace::scale_of, "{}", "1/sqrt(head_dim)"));
  if (const auto found = trace.metadata.find("text"); found != trace.metadata.end()) {
    line("text", fmt::format("\"{}\"", printable(found->second, 72)));
  }
  text += fmt::format("\n{:>6} {:>6} {:>12} {:>5} {:>20} {:>20} {:>8} {:>8}\n", "layer", "dtype", "bytes", "mask",
                      "sigma_q", "sigma_k", "+1 in q", "+1 in k");
  std::string not_finite;
  for (const TraceLayer& layer : trace.layers) {
    const LayerScan scan = scan_layer(trace, layer);
    if (const std::uint64_t count = non_finite(scan); count > 0) {
      not_finite += fmt::format("layer {} holds {} value{} that {} NaN or infinite\n", layer.index, count,
                                count == 1 ? "" : "s", count == 1 ? "is" : "are");
    }
    const auto sigma = [](double value, bool stated) {
      if (!std::isfinite(value)) return std::string("not finite");
      return fmt::format("{:.5g} {}", value, stated ? "stated" : "measured");
    };
    text += fmt::format("{:>6} {:>6} {:>12} {:>5} {:>20} {:>20} {:>7.2f}% {:>7.2f}%\n", layer.index,
                        dtype_name(layer.q.dtype), layer_bytes(layer), layer.mask ? "yes" : "no",
                        sigma(scan.sigma_q, layer.sigma_q.has_value()), sigma(scan.sigma_k, layer.sigma_k.has_value()),
                        100.0 * share(scan.q), 100.0 * share(scan.k));
  }
  if (!not_finite.empty()) {
    text += fmt::format("\n{}capcam run refuses them; to see where they lie: capcam trace check {}\n", not_finite,
                        printable(trace.path.string(), 4096));
  }
  return text;
}

// Returns all that capcam run would refuse, whatever the machine.
std::vector<std::string> problems_of(const Trace& trace) {
  std::vector<std::string> problems;
  const auto collect = [&problems](auto check) {
    try {
      check();
    } catch (const InputError& error) {
      if (error.problems().empty()) problems.emplace_back(error.what());
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  };
  collect([&] { read_budget(trace); });
  collect([&] { Workload(trace, Config{}); });
  return problems;
}

void check(const std::string& file) {
  const Trace trace = open_trace(file);
  std::vector<std::string> problems = problems_of(trace);
  trace.file->check_unchanged();
  if (!problems.empty()) {
    throw InputError(fmt::format("{} has values that no trace may have", printable(file, 4096)), std::move(problems));
  }
  const TraceShape& shape = trace.shape;
  std::cout << fmt::format(
      "{}: ok, layers {}, batch {}, heads {} ({} key/value), queries {}, keys {}, head_dim {}, value_dim {}\n",
      printable(file, 4096), trace.layers.size(), shape.batch, shape.heads, shape.kv_heads, shape.queries, shape.keys,
      shape.head_dim, shape.value_dim);
}

}  // namespace

void setup_trace(CLI::App& app) {
  CLI::App* trace = app.add_subcommand("trace", "Look at, validate and make traces");
  trace->require_subcommand(1);

  auto info_file = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  CLI::App* info = trace->add_subcommand("info", "Show the content of a trace");
  info->add_option("file", *info_file, "Trace (safetensors)")->required();
  info->add_flag("--json", *json, "Print JSON");
  info->callback([info_file, json] {
    const Trace opened = open_trace(*info_file);
    const std::string text =
        *json ? info_json(opened).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n"
              : info_text(opened);
    opened.file->check_unchanged();
    if (*json) {
      show_json(text);
    } else {
      std::cout << text;
    }
  });

  auto check_file = std::make_shared<std::string>();
  CLI::App* check_command = trace->add_subcommand("check", "Read every value of a trace and name what is wrong");
  check_command->add_option("file", *check_file, "Trace (safetensors)")->required();
  check_command->callback([check_file] { check(*check_file); });

  setup_trace_synth(*trace);
  setup_trace_import(*trace);
}

}  // namespace capcam

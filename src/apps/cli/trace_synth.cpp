// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/trace_synth.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <string>

#include "apps/cli/numbers.h"
#include "apps/cli/progress.h"
#include "trace/synthetic.h"
#include "workload/budget.h"
#include "workload/model_shapes.h"

namespace capcam {
namespace {

struct SynthOptions {
  std::string out, like;
  SyntheticSpec spec;
  std::string distribution = "random";
  std::string dtype = "f32";
  std::uint64_t window = 0;
  double scale = 0.0;
};

// Takes the model's shape wherever no option says otherwise.
void take_shape(const CLI::App& synth, const ModelShape& shape, SynthOptions& options) {
  SyntheticSpec& spec = options.spec;
  const auto given = [&](const char* name) { return synth.count(name) > 0; };
  const auto take = [&](const char* name, std::uint64_t& value, std::uint64_t of_model) {
    if (!given(name)) value = of_model;
  };
  take("--layers", spec.layers, shape.layers);
  take("--batch", spec.batch, shape.batch);
  take("--kv-heads", spec.kv_heads, given("--heads") ? spec.heads : shape.kv_heads);
  take("--heads", spec.heads, shape.heads);
  take("--head-dim", spec.head_dim, shape.head_dim);
  take("--value-dim", spec.value_dim, shape.value_dim);
  take("--keys", spec.keys, shape.keys);
  take("--queries", spec.queries, shape.queries);
  if (!given("--causal")) spec.causal = shape.causal;
  // If there are fewer queries than the model has, they are its last ones.
  const bool last = shape.causal && spec.keys >= spec.queries;
  take("--query-offset", spec.query_offset, last ? spec.keys - spec.queries : shape.query_offset);
  if (!given("--window") && shape.window > 0) spec.window = shape.window;
  if (!given("--dtype")) options.dtype = "bf16";
  spec.model = shape.name + ", values drawn";
  spec.metadata["text"] = shape.text;
  const bool whole = spec.queries == shape.queries && spec.keys == shape.keys;  // the audio budget holds for the whole
  WorkloadBudget budget{shape.name, shape.layers, shape.heads, {}, {}};
  if (whole && shape.audio_s > 0.0) budget.audio_s = shape.audio_s;
  if (shape.tokens_per_s > 0.0) budget.tokens_per_s = shape.tokens_per_s;
  write_budget(budget, spec.metadata);
}

void make(const CLI::App& synth, SynthOptions& options) {
  SyntheticSpec& spec = options.spec;
  if (synth.count("--like") > 0) {
    take_shape(synth, find_model_shape(options.like), options);
  } else if (synth.count("--kv-heads") == 0) {
    spec.kv_heads = spec.heads;
  }
  if (synth.count("--window") > 0) spec.window = options.window;
  if (synth.count("--scale") > 0) spec.scale = options.scale;
  for (const auto& choice : distributions) {
    if (choice.name == options.distribution) spec.distribution = choice.value;
  }
  spec.dtype = options.dtype == "f16" ? Dtype::f16 : options.dtype == "bf16" ? Dtype::bf16 : Dtype::f32;
  stop_on_signals();
  Progress progress(synthetic_rows(spec), "rows");
  write_synthetic(spec, options.out, [&](std::uint64_t rows) {
    progress.set(rows);
    return progress.stop_requested();
  });
}

}  // namespace

void setup_trace_synth(CLI::App& trace) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  auto options = std::make_shared<SynthOptions>();
  SyntheticSpec& spec = options->spec;
  CLI::App* synth = trace.add_subcommand("synth", "Make a synthetic trace by seed");
  synth->add_option("out", options->out, "File to write (safetensors)")->required();
  synth->add_option("--like", options->like,
                    "Shape of a real model (bert-base, whisper-tiny-encoder, ...; an unknown name lists them), stored "
                    "as bf16; the options below change it");
  const auto number = [synth](const std::string& name, std::uint64_t& value, const std::string& text,
                              std::uint64_t least, std::uint64_t limit) {
    synth->add_option(name, value, text)->check(whole_number(least, limit))->capture_default_str();
  };
  number("--seed", spec.seed, "Seed; the same seed makes the same file", 0, std::numeric_limits<std::uint64_t>::max());
  number("--layers", spec.layers, "Layers", 1, most);
  number("--batch", spec.batch, "Batch elements", 1, most);
  number("--heads", spec.heads, "Query heads", 1, most);
  synth->add_option("--kv-heads", spec.kv_heads, "Key/value heads, a divisor of --heads (default: as many)")
      ->check(whole_number(1, most));
  number("--queries", spec.queries, "Queries", 1, most);
  number("--keys", spec.keys, "Keys", 1, most);
  number("--head-dim", spec.head_dim, "Dimensions of a query or key", 1, most);
  number("--value-dim", spec.value_dim, "Dimensions of a value", 1, most);
  std::set<std::string> names;
  std::string meanings = "How keys lie";
  for (const auto& choice : distributions) {
    names.emplace(choice.name);
    meanings += fmt::format("\n{}: {}", choice.name, choice.doc);
  }
  synth->add_option("--distribution", options->distribution, meanings)
      ->check(CLI::IsMember(names))
      ->capture_default_str();
  synth->add_option("--dtype", options->dtype, "Stored number format")
      ->check(CLI::IsMember({"f32", "f16", "bf16"}))
      ->capture_default_str();
  synth->add_flag("--causal,!--no-causal", spec.causal, "A query sees keys up to its own position");
  number("--query-offset", spec.query_offset, "Position of the first query", 0, most);
  synth->add_option("--window", options->window, "Sliding window in positions (default: none)")
      ->check(whole_number(1, most));
  number("--padding", spec.padding, "Keys masked at the end of the last batch element; none of the first", 0, most);
  synth->add_option("--scale", options->scale, "Softmax scale (default: 1/sqrt(head_dim))");
  synth->callback([synth, options] { make(*synth, *options); });
}

}  // namespace capcam

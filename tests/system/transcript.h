// All that an engine tells of a run, one line per fact, so that the first difference of two runs can be read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/result_sink.h"
#include "capcam/run_stats.h"
#include "stats/dram_log.h"

namespace capcam::testing {

// Keeps one line per query: selection, output bit for bit, completion.
class TranscriptSink final : public ResultSink {
 public:
  explicit TranscriptSink(std::uint32_t queries_per_head) : queries_(queries_per_head) {}
  void take(const QueryResult& result) override {
    std::string& line = of(result.head, result.query).keeps;
    line += "keeps";
    for (const Candidate& candidate : result.selection) line += fmt::format(" {}:{}", candidate.key, candidate.score);
    std::uint64_t hash = 14695981039346656037u;  // FNV-1a over the bits of the output
    for (const float value : result.output) hash = (hash ^ std::bit_cast<std::uint32_t>(value)) * 1099511628211u;
    line += fmt::format(", output {} values {:016x}", result.output.size(), hash);
  }
  void completed(std::uint32_t head, std::uint32_t query, std::uint64_t cycle) override {
    of(head, query).complete += fmt::format("head {} query {}: complete at {}", head, query, cycle);
  }
  std::string text() const {
    std::string all;
    for (const Lines& lines : lines_) all += lines.complete + ", " + lines.keeps + "\n";
    return all;
  }

 private:
  struct Lines {
    std::string complete, keeps;  // a fact told twice stands twice
  };
  Lines& of(std::uint32_t head, std::uint32_t query) {
    const std::size_t place = std::size_t{head} * queries_ + query;
    if (place >= lines_.size()) lines_.resize(place + 1);
    return lines_[place];
  }
  std::uint32_t queries_;
  std::vector<Lines> lines_;
};

// Writes one line per DRAM request, in order.
class DramTranscript final : public OrderedDramLog {
 public:
  std::string text() {
    flush();
    return text_;
  }

 private:
  void take(const DramRequest& r) override {
    text_ +=
        fmt::format("DRAM at {}: core {} kind {} head {} query {} tile {} segment {} row {}, {} bytes, keys", r.cycle,
                    r.core, static_cast<int>(r.what), r.head, r.query, r.tile, r.segment, r.first_row, r.bytes);
    for (const std::uint32_t key : r.keys) text_ += fmt::format(" {}", key);
    text_ += "\n";
  }
  std::string text_;
};

struct CountLines {
  std::string text;
  void field(std::string_view name, std::uint64_t count, const Spec<std::uint64_t>&) {
    text += fmt::format("{} {}\n", name, count);
  }
};

inline std::string transcript(const RunStats& stats, const TranscriptSink& sink) {
  std::string text =
      fmt::format("cycles {}\nfirst query latency {}\nsteady interval {}\nhead-queries {}\n", stats.cycles,
                  stats.first_query_latency, stats.steady_interval_cycles, stats.head_queries);
  for (const StageCycles& stage : stats.stages)
    text += fmt::format("{}: units {} busy {} starved {} blocked {}\n", stage.name, stage.units, stage.busy,
                        stage.starved, stage.blocked);
  CountLines counts;
  ActionCounts::describe(counts, stats.counts);
  text += counts.text;
  for (const HeadStats& head : stats.heads)
    text += fmt::format("head on core {}: cycles {} to {}, {} empty\n", head.core, head.first_cycle, head.last_cycle,
                        head.empty_queries);
  return text + sink.text();
}

}  // namespace capcam::testing

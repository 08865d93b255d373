// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "capcam/error.h"
#include "capcam/run_stats.h"

namespace capcam {
namespace {

class Laws {
 public:
  void holds(bool law, const std::string& otherwise) {
    if (!law) broken_.push_back(otherwise);
  }
  void equal(std::string_view left_name, std::uint64_t left, std::string_view right_name, std::uint64_t right) {
    holds(left == right, fmt::format("{} is {}, but {} is {}", left_name, left, right_name, right));
  }
  void both_or_neither(std::string_view left_name, std::uint64_t left, std::string_view right_name,
                       std::uint64_t right) {
    holds((left == 0) == (right == 0),
          fmt::format("{} is {}, but {} is {}: both or neither", left_name, left, right_name, right));
  }
  void at_most(std::string_view left_name, std::uint64_t left, std::string_view right_name, std::uint64_t right) {
    holds(left <= right, fmt::format("{} is {}, more than {}, {}", left_name, left, right_name, right));
  }
  void finish() const {
    if (!broken_.empty()) throw LawBroken(fmt::format("check_conservation: {}", fmt::join(broken_, "; ")));
  }

 private:
  std::vector<std::string> broken_;
};

void check_stages(const RunStats& stats, Laws& laws) {
  constexpr std::array<std::string_view, 3> coarse = {"association", "normalization", "contextualization"};
  for (std::size_t i = 0; i < coarse.size(); ++i) {
    laws.holds(i < stats.stages.size() && stats.stages[i].name == coarse[i],
               fmt::format("stage {} is not {}", i, coarse[i]));
  }
  std::set<std::string> names;
  for (const StageCycles& stage : stats.stages) {
    laws.holds(names.insert(stage.name).second, fmt::format("two stages are named {}", stage.name));
    laws.holds(stage.busy + stage.starved + stage.blocked == stats.cycles * stage.units,
               fmt::format("{}: busy {} + starved {} + blocked {} is not {} cycles x {} units", stage.name, stage.busy,
                           stage.starved, stage.blocked, stats.cycles, stage.units));
  }
}

// Each law follows from the list of actions in docs/timing.md.
void check_actions(const RunStats& stats, std::uint64_t empty_queries, Laws& laws) {
  const ActionCounts& c = stats.counts;
  laws.equal("query_buffer.write", c.query_buffer_write, "the number of head-queries", stats.head_queries);
  laws.equal("query_buffer.read", c.query_buffer_read, "cam_array.search", c.cam_array_search);
  laws.equal("key_sram.read", c.key_sram_read, "cam_array.program", c.cam_array_program);
  laws.both_or_neither("key_sram.write", c.key_sram_write, "dram.key_bytes", c.dram_key_bytes);
  laws.at_most("cam_array.search", c.cam_array_search, "converter.convert", c.converter_convert);
  laws.equal("matchline.share", c.matchline_share, "converter.convert", c.converter_convert);
  laws.at_most("cam_array.search", c.cam_array_search, "search_line.drive", c.search_line_drive);
  laws.both_or_neither("cam_array.write_row", c.cam_array_write_row, "cam_array.program", c.cam_array_program);
  laws.at_most("cam_array.program", c.cam_array_program, "cam_array.write_row", c.cam_array_write_row);
  laws.at_most("cam_array.write_row", c.cam_array_write_row, "cam_array.write_bit", c.cam_array_write_bit);
  laws.equal("score_scaler.scale", c.score_scaler_scale, "converter.convert", c.converter_convert);
  laws.at_most("tile_selector.select", c.tile_selector_select, "cam_array.search", c.cam_array_search);
  laws.both_or_neither("tile_selector.select", c.tile_selector_select, "cam_array.search", c.cam_array_search);

  // Every query with a valid key is merged a last time; the other merges are written back to the register.
  const std::uint64_t last_merges = stats.head_queries - std::min(empty_queries, stats.head_queries);
  laws.equal("candidate_register.write + last merges", c.candidate_register_write + last_merges,
             "tile_selector.select + merger.merge", c.tile_selector_select + c.merger_merge);
  laws.at_most("the number of last merges", last_merges, "merger.merge", c.merger_merge);

  laws.at_most("the number of queries with a valid key", last_merges, "exp_table.lookup", c.exp_table_lookup);
  laws.both_or_neither("exp_table.lookup", c.exp_table_lookup, "the number of queries with a valid key", last_merges);
  laws.equal("softmax_accumulator.add", c.softmax_accumulator_add, "exp_table.lookup", c.exp_table_lookup);
  laws.equal("softmax_divider.divide", c.softmax_divider_divide, "exp_table.lookup", c.exp_table_lookup);
  laws.equal("output_buffer.write", c.output_buffer_write, "2 x exp_table.lookup", 2 * c.exp_table_lookup);
  laws.equal("output_buffer.read", c.output_buffer_read, "exp_table.lookup", c.exp_table_lookup);
  laws.holds(
      c.exp_table_lookup == 0 ? c.value_mac_mac == 0 : c.value_mac_mac % c.exp_table_lookup == 0,
      fmt::format("value_mac.mac is {}, no multiple of exp_table.lookup, {}", c.value_mac_mac, c.exp_table_lookup));
  laws.at_most("value_sram.read", c.value_sram_read, "value_mac.mac", c.value_mac_mac);
  laws.both_or_neither("value_sram.read", c.value_sram_read, "value_mac.mac", c.value_mac_mac);
  laws.equal("value_sram.write", c.value_sram_write, "dram.access", c.dram_access);
  laws.equal("value_sram.write_byte", c.value_sram_write_byte, "dram.value_bytes", c.dram_value_bytes);
  laws.both_or_neither("dram.access", c.dram_access, "dram.value_bytes", c.dram_value_bytes);
}

}  // namespace

void check_conservation(const RunStats& stats) {
  Laws laws;
  check_stages(stats, laws);
  std::uint64_t empty_queries = 0;
  std::uint64_t last_cycle = 0;
  for (std::size_t head = 0; head < stats.heads.size(); ++head) {
    const HeadStats& one = stats.heads[head];
    empty_queries += one.empty_queries;
    last_cycle = std::max(last_cycle, one.last_cycle);
    laws.holds(one.first_cycle <= one.last_cycle,
               fmt::format("head {} begins at {}, after its end at {}", head, one.first_cycle, one.last_cycle));
  }
  laws.equal("the last cycle of all heads", last_cycle, "the run's cycles", stats.cycles);
  laws.at_most("the latency of the first query", stats.first_query_latency, "the run's cycles", stats.cycles);
  laws.at_most("the number of empty queries", empty_queries, "the number of head-queries", stats.head_queries);
  check_actions(stats, empty_queries, laws);
  laws.finish();
}

}  // namespace capcam

// Counts of a run: the cycles of every stage and the actions that cost energy. All are plain values, each listed once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "capcam/describe.h"

namespace capcam {

// Every cycle of a stage is busy, starved or blocked.
struct StageCycles {
  std::string name;
  std::uint32_t units = 1;  // cores, or arrays of all cores; busy + starved + blocked == cycles * units
  std::uint64_t busy = 0;
  std::uint64_t starved = 0;
  std::uint64_t blocked = 0;
};

// Counts of actions, named component.action. An action that is neither priced nor declared free is an error.
struct ActionCounts {
  std::uint64_t query_buffer_write = 0, query_buffer_read = 0;
  std::uint64_t key_sram_write = 0, key_sram_read = 0;
  std::uint64_t cam_array_program = 0, cam_array_search = 0, cam_array_match = 0, cam_array_mismatch = 0;
  std::uint64_t cam_array_pair = 0;
  std::uint64_t cam_array_write_row = 0, cam_array_write_bit = 0;
  std::uint64_t search_line_drive = 0, matchline_share = 0;
  std::uint64_t converter_convert = 0, converter_ramp_step = 0, converter_compare = 0;
  std::uint64_t score_scaler_scale = 0;
  std::uint64_t tile_selector_select = 0;
  std::uint64_t candidate_register_write = 0;
  std::uint64_t merger_merge = 0;
  std::uint64_t exp_table_lookup = 0, softmax_accumulator_add = 0, softmax_divider_divide = 0;
  std::uint64_t output_buffer_write = 0, output_buffer_read = 0;
  std::uint64_t value_sram_write = 0, value_sram_write_byte = 0, value_sram_read = 0;
  std::uint64_t value_mac_mac = 0;
  std::uint64_t dram_access = 0, dram_value_bytes = 0, dram_key_bytes = 0;

  static void describe(auto& v, auto& c) {
    v.field("query_buffer.write", c.query_buffer_write, {.unit = "queries", .doc = "a query is latched"});
    v.field("query_buffer.read", c.query_buffer_read,
            {.unit = "reads", .doc = "a query drives the search lines of an array"});
    v.field("key_sram.write", c.key_sram_write,
            {.unit = "words", .doc = "a word (the rows programmed in one cycle) comes from DRAM"});
    v.field("key_sram.read", c.key_sram_read,
            {.unit = "words", .doc = "a word goes to an array, one per program cycle"});
    v.field("cam_array.program", c.cam_array_program, {.unit = "cycles", .doc = "an array is programmed for a cycle"});
    v.field("cam_array.search", c.cam_array_search, {.unit = "searches", .doc = "a query is searched in one array"});
    v.field("cam_array.match", c.cam_array_match, {.unit = "cells", .doc = "a cell matches in a search"});
    v.field("cam_array.mismatch", c.cam_array_mismatch, {.unit = "cells", .doc = "a used cell does not match in one"});
    v.field("cam_array.pair", c.cam_array_pair,
            {.unit = "pairs", .doc = "a cell that matches and one of its row that does not; coupling cells alone"});
    v.field("cam_array.write_row", c.cam_array_write_row, {.unit = "rows", .doc = "a row of an array is programmed"});
    v.field("cam_array.write_bit", c.cam_array_write_bit, {.unit = "bits", .doc = "a used cell of such a row"});
    v.field("search_line.drive", c.search_line_drive,
            {.unit = "lines", .doc = "one line of a used column's pair rises for a search"});
    v.field("matchline.share", c.matchline_share,
            {.unit = "rows", .doc = "the cells of a row that holds a key share their charge in a search"});
    v.field("converter.convert", c.converter_convert, {.unit = "conversions", .doc = "one row of one search"});
    v.field("converter.ramp_step", c.converter_ramp_step,
            {.unit = "steps", .doc = "the reference of a ramp falls by one code"});
    v.field("converter.compare", c.converter_compare,
            {.unit = "comparisons", .doc = "one row with a ramp it has not crossed yet"});
    v.field("score_scaler.scale", c.score_scaler_scale, {.unit = "codes", .doc = "one code becomes (part of) a score"});
    v.field("tile_selector.select", c.tile_selector_select,
            {.unit = "tiles", .doc = "the candidates of a tile are chosen"});
    v.field("candidate_register.write", c.candidate_register_write,
            {.unit = "writes", .doc = "a tile's candidates, or a merge's result, are stored"});
    v.field("merger.merge", c.merger_merge,
            {.unit = "merges", .doc = "the register's candidates are merged down to n"});
    v.field("exp_table.lookup", c.exp_table_lookup, {.unit = "look-ups", .doc = "one kept key"});
    v.field("softmax_accumulator.add", c.softmax_accumulator_add, {.unit = "additions", .doc = "one kept key"});
    v.field("softmax_divider.divide", c.softmax_divider_divide, {.unit = "divisions", .doc = "one kept key"});
    v.field("output_buffer.write", c.output_buffer_write, {.unit = "writes", .doc = "an exponential, then its weight"});
    v.field("output_buffer.read", c.output_buffer_read,
            {.unit = "reads", .doc = "a weight goes to the multiply-accumulate units"});
    v.field("value_sram.write", c.value_sram_write,
            {.unit = "bursts", .doc = "the value rows of one prefetch, or one row of a head's load, arrive"});
    v.field("value_sram.write_byte", c.value_sram_write_byte, {.unit = "bytes", .doc = "one byte of those rows"});
    v.field("value_sram.read", c.value_sram_read, {.unit = "reads", .doc = "one operand per lane, one read per issue"});
    v.field("value_mac.mac", c.value_mac_mac, {.unit = "MACs", .doc = "one weight times one element of V"});
    v.field("dram.access", c.dram_access,
            {.unit = "bursts", .doc = "one prefetch of value rows, or one row of a head's load"});
    v.field("dram.value_bytes", c.dram_value_bytes, {.unit = "bytes", .doc = "value rows read"});
    v.field("dram.key_bytes", c.dram_key_bytes, {.unit = "bytes", .doc = "keys read"});
  }
};

// One head's share of the run.
struct HeadStats {
  std::uint32_t core = 0;
  std::uint64_t first_cycle = 0;    // when its first query entered association
  std::uint64_t last_cycle = 0;     // when its last query's output was complete
  std::uint64_t empty_queries = 0;  // queries without a valid key
};

struct RunStats {
  std::uint64_t cycles = 0;               // cycles until the last output is complete
  std::uint64_t first_query_latency = 0;  // cycles until the first output is complete
  double steady_interval_cycles = 0.0;    // cycles between completions of one core once its pipeline is full
  std::uint64_t head_queries = 0;
  std::vector<StageCycles> stages;  // association, normalization, contextualization come first
  ActionCounts counts;
  std::vector<HeadStats> heads;       // in the order of the workload
  std::vector<std::string> warnings;  // say what the user should know of this run
};

// Throws LawBroken unless busy + starved + blocked == cycles * units for every stage and paired actions agree.
void check_conservation(const RunStats& stats);

}  // namespace capcam

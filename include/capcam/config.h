// Every key that a configuration may hold: name, unit, range, default and text, each listed once. The defaults are the
// published CAMformer design.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "capcam/circuit.h"
#include "capcam/describe.h"

namespace capcam {

struct ClockParams {
  double frequency_ghz = 1.0;
  static void describe(auto& v, auto& p) {
    v.field("frequency_ghz", p.frequency_ghz,
            {.min = 0.001, .max = 100.0, .unit = "GHz", .doc = "clock of every stage"});
  }
};

struct AcceleratorParams {
  std::uint32_t cores = 1;
  static void describe(auto& v, auto& p) {
    v.field("cores", p.cores,
            {.min = 1, .max = 1024, .unit = "cores", .doc = "heads are dealt to cores in order; cores share the DRAM"});
  }
};

struct ArrayParams {
  std::uint32_t rows = 16;
  std::uint32_t columns = 64;
  std::uint32_t count = 1;
  std::uint32_t program_rows_per_cycle = 4;
  std::uint32_t search_cycles = 1;
  std::uint32_t queries_per_program = 1;
  std::uint32_t interleave = 1;
  static void describe(auto& v, auto& p) {
    v.field("rows", p.rows, {.min = 1, .max = 65536, .unit = "rows", .doc = "keys one array holds: a tile"});
    v.field("columns", p.columns,
            {.min = 1, .max = 4096, .unit = "columns", .doc = "bits of a key in one array: a segment"});
    v.field("count", p.count,
            {.min = 1,
             .max = 4096,
             .unit = "arrays",
             .doc = "arrays of a core; they hold different tiles and segments and work in parallel"});
    v.field("program_rows_per_cycle", p.program_rows_per_cycle,
            {.min = 1, .max = 65536, .unit = "rows/cycle", .doc = "rows of an array written in one cycle"});
    v.field("search_cycles", p.search_cycles,
            {.min = 1, .max = 1024, .unit = "cycles", .doc = "drive a query and let the matchlines settle"});
    v.field("queries_per_program", p.queries_per_program,
            {.min = 1,
             .max = 4096,
             .unit = "queries",
             .doc = "consecutive queries searched against a tile before the next tile is programmed"});
    v.field("interleave", p.interleave,
            {.min = 1,
             .max = 1048576,
             .unit = "tiles",
             .doc = "consecutive keys go to so many tiles in turn; 1: a tile is consecutive keys"});
  }
};

// The kinds of converters: those of capcam, then those registered (capcam/converter.h).
std::vector<Named> converter_kinds();

struct SensingParams {
  std::string kind = "sar";
  std::uint32_t bits = 6;
  std::uint32_t conversion_cycles = 2;
  std::uint32_t ramp_step_cycles = 1;
  std::uint32_t rows_per_converter = 1;
  CircuitParams circuit;
  static void describe(auto& v, auto& p) {
    v.choice("kind", p.kind, converter_kinds(), {.doc = "how a matchline voltage becomes a score"});
    v.field("bits", p.bits,
            {.min = 1, .max = 16, .unit = "bits", .doc = "resolution of the converter (unused by ideal)"});
    v.field("conversion_cycles", p.conversion_cycles,
            {.min = 1,
             .max = 65536,
             .unit = "cycles",
             .doc = "one conversion of kinds sar, time_domain and ideal; a converter is busy for all of it"});
    v.field("ramp_step_cycles", p.ramp_step_cycles,
            {.min = 1, .max = 65536, .unit = "cycles", .doc = "kind ramp: the reference falls by one code"});
    v.field("rows_per_converter", p.rows_per_converter,
            {.min = 1,
             .max = 65536,
             .unit = "rows",
             .doc = "rows that share a converter and are converted one after another"});
    std::remove_cvref_t<decltype(p.circuit)>::describe(v, p.circuit);  // also keys of [sensing]; unused by ideal
  }
};

struct ScoreParams {
  std::uint32_t scale_cycles = 2;
  static void describe(auto& v, auto& p) {
    v.field("scale_cycles", p.scale_cycles,
            {.min = 0,
             .max = 1024,
             .unit = "cycles",
             .doc = "code to score (2m - D) and accumulation over segments; pipelined"});
  }
};

// The rules of tile selection: those of capcam, then those registered (capcam/tile_selection.h).
std::vector<Named> tile_selections();

struct TopNParams {
  std::uint32_t n = 32;
  std::uint32_t tile_k = 2;
  std::string tile_selection = "best";
  std::uint32_t tile_cycles = 2;
  std::uint32_t register_cycles = 1;
  std::uint32_t register_entries = 64;
  std::uint32_t merge_cycles = 6;
  static void describe(auto& v, auto& p) {
    v.field("n", p.n, {.min = 1, .max = 1048576, .unit = "keys", .doc = "keys kept for a query"});
    v.field("tile_k", p.tile_k,
            {.min = 0,
             .max = 65536,
             .unit = "keys",
             .doc = "candidates kept of each tile; 0: all, a single-stage selection"});
    v.choice("tile_selection", p.tile_selection, tile_selections(),
             {.doc = "which tile_k keys of a tile are its candidates (unused with tile_k = 0)"});
    v.field("tile_cycles", p.tile_cycles,
            {.min = 0, .max = 1024, .unit = "cycles", .doc = "selection within a tile; pipelined"});
    v.field("register_cycles", p.register_cycles,
            {.min = 0,
             .max = 1024,
             .unit = "cycles",
             .doc = "write of a tile's candidates into the candidate register; pipelined"});
    v.field("register_entries", p.register_entries,
            {.min = 1, .max = 2097152, .unit = "candidates", .doc = "candidates the register of one query holds"});
    v.field("merge_cycles", p.merge_cycles,
            {.min = 1, .max = 65536, .unit = "cycles", .doc = "the register's candidates are merged down to n"});
  }
};

enum class NumberFormat { bf16, fp32 };
inline constexpr Choice<NumberFormat> number_formats[] = {
    {NumberFormat::bf16, "bf16", "bfloat16, round to nearest even"},
    {NumberFormat::fp32, "fp32", "IEEE single precision"},
};

struct SoftmaxParams {
  NumberFormat format = NumberFormat::bf16;
  std::uint32_t lookup_cycles = 1;
  std::uint32_t divide_cycles = 3;
  bool pipelined_divider = false;
  static void describe(auto& v, auto& p) {
    v.choice("format", p.format, number_formats, {.doc = "rounding of exp table entries and weights"});
    v.field("lookup_cycles", p.lookup_cycles,
            {.min = 1, .max = 1024, .unit = "cycles", .doc = "one exp table look-up and accumulation"});
    v.field("divide_cycles", p.divide_cycles, {.min = 1, .max = 1024, .unit = "cycles", .doc = "one division"});
    v.field("pipelined_divider", p.pipelined_divider, {.doc = "the divider starts one weight per cycle"});
  }
};

struct ValueParams {
  NumberFormat format = NumberFormat::bf16;
  std::uint32_t lanes = 8;
  std::uint32_t mac_cycles = 4;
  bool pipelined_mac = true;
  static void describe(auto& v, auto& p) {
    v.choice("format", p.format, number_formats, {.doc = "rounding of V; its bytes in SRAM and DRAM"});
    v.field("lanes", p.lanes, {.min = 1, .max = 65536, .unit = "lanes", .doc = "multiply-accumulate units"});
    v.field("mac_cycles", p.mac_cycles, {.min = 1, .max = 1024, .unit = "cycles", .doc = "one multiply-accumulate"});
    v.field("pipelined_mac", p.pipelined_mac, {.doc = "a lane starts one multiply-accumulate per cycle"});
  }
};

enum class ValueSource { dram_prefetch, sram };
inline constexpr Choice<ValueSource> value_sources[] = {
    {ValueSource::dram_prefetch, "dram_prefetch",
     "value rows of candidates are fetched from DRAM as tiles are selected"},
    {ValueSource::sram, "sram", "all value rows of a head lie in the value SRAM"},
};

// How a head's keys or values are loaded. Either way every byte is counted; hidden loads take no time.
enum class HeadLoad { hidden, modelled };
inline constexpr Choice<HeadLoad> head_loads[] = {
    {HeadLoad::hidden, "hidden", "in the shadow of the previous head, the published assumption"},
    {HeadLoad::modelled, "modelled", "over the DRAM channel"},
};

struct MemoryParams {
  ValueSource value_source = ValueSource::dram_prefetch;
  std::uint32_t latency_cycles = 24;
  double bandwidth_gb_s = std::numeric_limits<double>::infinity();
  HeadLoad key_load = HeadLoad::hidden;
  HeadLoad value_load = HeadLoad::hidden;
  std::uint32_t key_sram_kib = 8;
  std::uint32_t value_sram_kib = 16;
  std::string dram_card = "camformer";
  static void describe(auto& v, auto& p) {
    v.choice("value_source", p.value_source, value_sources, {.doc = "where value rows come from"});
    v.field("latency_cycles", p.latency_cycles,
            {.min = 1, .max = 1048576, .unit = "cycles", .doc = "DRAM access latency"});
    v.field("bandwidth_gb_s", p.bandwidth_gb_s,
            {.above = 0.0, .unit = "GB/s", .doc = "DRAM bandwidth shared by all cores; inf: unlimited"});
    v.choice("key_load", p.key_load, head_loads, {.doc = "how a head's keys reach the key SRAM"});
    v.choice("value_load", p.value_load, head_loads,
             {.doc = "value_source sram: how a head's value rows reach the value SRAM"});
    v.field("key_sram_kib", p.key_sram_kib, {.min = 1, .max = 1048576, .unit = "KiB", .doc = "key SRAM of one core"});
    v.field("value_sram_kib", p.value_sram_kib,
            {.min = 1, .max = 1048576, .unit = "KiB", .doc = "value SRAM of one core"});
    v.field("dram_card", p.dram_card, {.doc = "the card that prices DRAM: a file name in models/dram without .toml"});
  }
};

enum class Decode { off, append, reprogram };
inline constexpr Choice<Decode> decodes[] = {
    {Decode::off, "off", "all queries of a head are there at once (encoder, prefill)"},
    {Decode::append, "append",
     "a query waits for the output of the one before; arrays that hold all keys get only those that are new"},
    {Decode::reprogram, "reprogram",
     "a query waits for the output of the one before; all keys are written again for it"},
};

struct PipelineParams {
  bool query_overlap = false;
  Decode decode = Decode::off;
  static void describe(auto& v, auto& p) {
    v.field("query_overlap", p.query_overlap,
            {.doc = "a query enters association as soon as the array is free, not when the previous one has drained"});
    v.choice("decode", p.decode, decodes,
             {.doc = "token by token: a head's queries are the steps of a decoder, each adding its key to the cache"});
  }
};

enum class ConverterSource { parts, survey };
inline constexpr Choice<ConverterSource> converter_sources[] = {
    {ConverterSource::parts, "parts",
     "comparator, capacitors, logic and switch, at the converter's bits, rate and noise"},
    {ConverterSource::survey, "survey",
     "the best of a survey of converters, never below its comparator: a lower bound"},
};

enum class LoadAccounting { counted, published };
inline constexpr Choice<LoadAccounting> load_accountings[] = {
    {LoadAccounting::counted, "counted", "every load costs its writes and its DRAM bytes, whether its time is hidden"},
    {LoadAccounting::published, "published", "keys whose load is hidden cost nothing, as CAMformer was published"},
};

struct CostParams {
  std::string library = "camformer45";
  double node_nm = 45.0;
  double supply_v = 0.9;
  ConverterSource converter = ConverterSource::parts;
  LoadAccounting loads = LoadAccounting::counted;
  static void describe(auto& v, auto& p) {
    v.field("library", p.library, {.doc = "the cards that price the run: a folder in models"});
    v.field("node_nm", p.node_nm,
            {.min = 3.0, .max = 350.0, .unit = "nm", .doc = "library physical: every figure is brought to this node"});
    v.field("supply_v", p.supply_v,
            {.min = 0.3,
             .max = 3.3,
             .unit = "V",
             .doc = "library physical: supply of the digital parts; the array has sensing.supply_v"});
    v.choice("converter", p.converter, converter_sources,
             {.doc = "library physical, kind sar: which model gives the energy and area of a converter"});
    v.choice("loads", p.loads, load_accountings, {.doc = "which loads of keys and values are paid for"});
  }
};

struct Config {
  ClockParams clock;
  AcceleratorParams accelerator;
  ArrayParams array;
  SensingParams sensing;
  ScoreParams score;
  TopNParams top_n;
  SoftmaxParams softmax;
  ValueParams value;
  MemoryParams memory;
  PipelineParams pipeline;
  CostParams cost;
  std::uint64_t seed = 1;  // seed of everything drawn at random; set on the command line, not a key
  static void describe(auto& v, auto& c) {
    v.section("clock", c.clock);
    v.section("accelerator", c.accelerator);
    v.section("array", c.array);
    v.section("sensing", c.sensing);
    v.section("score", c.score);
    v.section("top_n", c.top_n);
    v.section("softmax", c.softmax);
    v.section("value", c.value);
    v.section("memory", c.memory);
    v.section("pipeline", c.pipeline);
    v.section("cost", c.cost);
  }
};

}  // namespace capcam

// SPDX-License-Identifier: Apache-2.0
#include "cost/blocks/block_prices.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <utility>

#include "capcam/converter.h"
#include "capcam/tile_selection.h"
#include "cost/blocks/array_blocks.h"
#include "cost/blocks/converter_blocks.h"
#include "cost/blocks/delay_blocks.h"
#include "cost/module_prices.h"

namespace capcam {
namespace {

double bits_for(double numbers) { return std::max(1.0, std::ceil(std::log2(numbers))); }

ArithmeticFormat arithmetic(NumberFormat format) {
  return format == NumberFormat::bf16 ? ArithmeticFormat::bf16 : ArithmeticFormat::fp32;
}
double bits_of(NumberFormat format) { return format == NumberFormat::bf16 ? 16.0 : 32.0; }

// Widths that several blocks have in common.
struct Widths {
  double segments, key_word, codes, score, tag, weight, value;

  Widths(const Config& config, const WorkSize& work) {
    const double columns = config.array.columns;
    segments = std::ceil(work.head_dim / columns);
    key_word = config.array.program_rows_per_cycle * std::min(columns, work.head_dim);
    codes = make_converter(config.sensing)->input() == ConverterInput::match_count
                ? std::min(columns, work.head_dim) + 1.0
                : std::exp2(config.sensing.bits);
    score = bits_for(segments * (codes - 1.0) + 1.0);
    tag = bits_for(work.keys);
    weight = bits_of(config.softmax.format);
    value = bits_of(config.value.format);
  }
};

class MachineComponents {
 public:
  MachineComponents(const Config& config, const Blocks& blocks) : config_(config), blocks_(blocks) {}

  using Actions = std::initializer_list<std::pair<const char*, Figure>>;
  void add(const char* name, InstanceRule rule, const Block& one, Actions actions) {
    const auto instances = static_cast<double>(instances_of(rule, config_));
    Block all;
    all.contain(instances, one);
    add(name, instances_of(rule, config_), all, actions);
  }
  // `all` stands for all instances together.
  void add(const char* name, std::uint64_t instances, const Block& all, Actions actions) {
    ComponentPrice& price = components.emplace_back();
    price.name = name;
    price.instances = instances;
    price.area_um2 = all.area_um2;
    price.leakage_mw = all.leakage_mw;
    for (const auto& [action, energy_pj] : actions) price.actions.push_back({action, energy_pj});
    for (const UnitCard* card : all.cards) {
      price.cards.push_back(card->provenance);
      if (card->energy_scales == Scales::logic || card->area_scales == Scales::logic)
        price.normalized_to_nm = blocks_.technology().node_nm;
    }
  }

  std::vector<ComponentPrice> components;

 private:
  const Config& config_;
  const Blocks& blocks_;
};

void add_array(MachineComponents& machine, const Config& c, const Blocks& blocks, const WorkSize& work) {
  const ArrayBlocks array(blocks, c.array, c.sensing, std::min<double>(c.array.columns, work.head_dim), c.clock);
  const Block cells = array.cells(), lines = array.search_lines(), rows = array.matchlines();
  machine.add("cam_array", InstanceRule::per_array, cells,
              {{"match", cells.energy_pj("match")},
               {"mismatch", cells.energy_pj("mismatch")},
               {"pair", cells.energy_pj("pair")},
               {"write_row", cells.energy_pj("write_row")},
               {"write_bit", cells.energy_pj("write_bit")}});
  machine.add("search_line", InstanceRule::per_array, lines, {{"drive", lines.energy_pj("drive")}});
  machine.add("matchline", InstanceRule::per_array, rows, {{"share", rows.energy_pj("share")}});
  machine.add("row_decoder", InstanceRule::per_array, array.row_decoder(), {});
  machine.add("write_drivers", InstanceRule::per_array, array.write_drivers(), {});
}

void add_converters(MachineComponents& machine, const Config& c, const Blocks& blocks, const WorkSize& work,
                    std::vector<std::string>& notes) {
  const std::vector<ConverterPart> parts = make_converter(c.sensing)->parts();
  const ConverterDesign design = converter_design(c);
  Block one = converter_block(blocks, parts, design, c.sensing.kind);
  if (c.cost.converter == ConverterSource::survey) one = surveyed(blocks, parts, design, std::move(one));
  const Block shared = shared_converter_block(blocks, parts, design, c.sensing.kind);
  const Block chain = delay_chain(blocks, c, std::min<double>(c.array.columns, work.head_dim));
  const std::uint64_t converters = instances_of(InstanceRule::per_converter, c);
  Block all;
  all.contain(static_cast<double>(converters), one);
  all.contain(static_cast<double>(converters), chain);
  all.contain(static_cast<double>(instances_of(InstanceRule::per_array, c)), shared);
  machine.add("converter", converters, all,
              {{"convert", one.energy_pj("convert") + shared.energy_pj("convert") + chain.energy_pj("run")},
               {"ramp_step", one.energy_pj("ramp_step") + shared.energy_pj("ramp_step")},
               {"compare", one.energy_pj("compare") + shared.energy_pj("compare")}});
  if (one.cards.empty() && shared.cards.empty())
    notes.push_back(fmt::format("converters of sensing.kind = \"{}\" cost nothing here", c.sensing.kind));
}

void add_selection(MachineComponents& machine, const Config& c, const Blocks& blocks, const Widths& w,
                   std::vector<std::string>& notes) {
  const double segments_of_score = w.segments > 1.0 ? 2.0 : 1.0;  // shift and subtract, and the sum over segments
  const Block scaler = blocks.adder(segments_of_score * (w.score + 1.0));
  machine.add("score_scaler", InstanceRule::per_converter, scaler, {{"scale", scaler.energy_pj("add")}});

  const TopNParams& top = c.top_n;
  Block selector;  // stays empty if all of a tile is kept, because nothing is selected then
  Figure select;
  if (top.tile_k > 0) {
    selector = blocks.sorter(c.array.rows, top.tile_k, w.score, bits_for(c.array.rows), top.tile_cycles);
    select = selector.energy_pj("sort");
  }
  machine.add("tile_selector", InstanceRule::per_array, selector, {{"select", select}});
  if (top.tile_k > 0 && !make_tile_selection(top)->keeps_the_best())
    notes.push_back(
        fmt::format("tile selection \"{}\" is priced as a sorter that keeps the tile_k best", top.tile_selection));

  const double entries = top.register_entries;
  const double written = std::min<double>(entries, top.tile_k > 0 ? top.tile_k : c.array.rows);
  const Block reg = blocks.registers(entries * (w.score + w.tag));
  machine.add("candidate_register", InstanceRule::per_query, reg,
              {{"write", (written / entries) * reg.energy_pj("write")}});
  const Block merger = blocks.sorter(top.register_entries, top.n, w.score, w.tag, top.merge_cycles);
  machine.add("merger", InstanceRule::per_core, merger, {{"merge", merger.energy_pj("sort")}});
}

void add_softmax(MachineComponents& machine, const Config& c, const Blocks& blocks, const Widths& w) {
  const Block table = blocks.exp_table(w.segments * (w.codes - 1.0) + 1.0, w.weight);
  machine.add("exp_table", InstanceRule::per_core, table, {{"lookup", table.energy_pj("lookup")}});
  const Block sum = blocks.add(ArithmeticFormat::fp32);
  machine.add("softmax_accumulator", InstanceRule::per_core, sum, {{"add", sum.energy_pj("add")}});
  const Block divider = blocks.divider(arithmetic(c.softmax.format));
  machine.add("softmax_divider", InstanceRule::per_core, divider, {{"divide", divider.energy_pj("divide")}});
  const Block weights = blocks.register_file(c.top_n.n, w.weight);
  machine.add("output_buffer", InstanceRule::per_core, weights,
              {{"write", weights.energy_pj("write")}, {"read", weights.energy_pj("read")}});
}

void add_values(MachineComponents& machine, const Config& c, const Blocks& blocks, const Widths& w) {
  const double width = c.value.lanes * w.value;
  const Block sram = blocks.sram(c.memory.value_sram_kib * 1024.0, width);
  machine.add("value_sram", InstanceRule::per_core, sram,
              {{"write_byte", (8.0 / width) * sram.energy_pj("write")}, {"read", sram.energy_pj("read")}});
  const Block mac = blocks.mac(arithmetic(c.value.format));
  machine.add("value_mac", InstanceRule::per_lane, mac, {{"mac", mac.energy_pj("mac")}});
}

}  // namespace

std::vector<ComponentPrice> block_prices(const Config& c, const Blocks& blocks, const WorkSize& work,
                                         std::vector<std::string>& notes) {
  const Widths w(c, work);
  MachineComponents machine(c, blocks);
  const Block query = blocks.registers(work.head_dim);
  machine.add("query_buffer", InstanceRule::per_query, query, {{"write", query.energy_pj("write")}});
  const Block keys = blocks.sram(c.memory.key_sram_kib * 1024.0, w.key_word);
  machine.add("key_sram", InstanceRule::per_core, keys,
              {{"write", keys.energy_pj("write")}, {"read", keys.energy_pj("read")}});
  add_array(machine, c, blocks, work);
  add_converters(machine, c, blocks, work, notes);
  add_selection(machine, c, blocks, w, notes);
  add_softmax(machine, c, blocks, w);
  add_values(machine, c, blocks, w);
  for (const std::string& note : blocks.notes()) notes.push_back(note);
  return std::move(machine.components);
}

}  // namespace capcam

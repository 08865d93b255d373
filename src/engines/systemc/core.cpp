// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/core.h"

#include <fmt/format.h>

namespace capcam {

namespace {

CellMismatch cells_of(const Machine& m, std::uint32_t core, std::uint32_t array) {
  if (!RandomReadout::needed(m.config.sensing)) return {};
  return RandomReadout(m.config.sensing, m.mapping.segmentation, m.config.seed)
      .cells(core, array, m.mapping.rows, m.mapping.segmentation.columns);
}

ConverterMismatch converters_of(const Machine& m, std::uint32_t core, std::uint32_t array) {
  if (!RandomReadout::needed(m.config.sensing)) return {};
  return RandomReadout(m.config.sensing, m.mapping.segmentation, m.config.seed).converters(core, array, m.mapping.rows);
}

}  // namespace

ArrayUnit::ArrayUnit(const sc_core::sc_module_name& name, const Machine& m, std::uint32_t core, std::uint32_t array,
                     KeyStream* stream)
    : sc_module(name),
      cells(cells_of(m, core, array)),
      converters(converters_of(m, core, array)),
      groups(m.clock, 2),
      tiles(m.clock, 1),
      matches(m.clock, 1),
      slots(Mapping::result_slots(m.config)),
      codes(m.clock, Mapping::result_slots(m.config) + std::size_t{2}),
      searched(m.clock, 2),
      key_programming("key_programming", m.clock, m.mapping, array, groups, tiles, stream, m.stats.counts),
      cam_array("cam_array", m.clock, m.config, m.mapping, cells, tiles, matches,
                m.config.pipeline.query_overlap ? &searched : nullptr, m.stats.counts),
      sensing("sensing", m.clock, m.config, m.mapping, m.sensing, cells, converters, matches, slots, codes,
              m.stats.counts) {}

Core::Core(const sc_core::sc_module_name& name, const Machine& m, std::uint32_t core)
    : sc_module(name),
      source(m.workload, m.mapping, core, m.config.accelerator.cores),
      candidates(m.clock, std::size_t{Mapping::result_slots(m.config)} * m.mapping.arrays),
      registers(m.clock, 4),
      events(m.clock, 8),
      fetches(m.clock, std::size_t{Mapping::result_slots(m.config)} * m.mapping.arrays + 4),
      drops(m.clock, 4),
      done(m.clock, 2),
      selections(m.clock, 1),
      weights(m.clock, 1),
      completed(m.clock, 4) {
  const auto value_dim = static_cast<std::uint32_t>(m.workload.trace().shape.value_dim);
  if (!m.mapping.keys_fit(m.config.memory, 1))
    key_stream =
        std::make_unique<KeyStream>("key_stream", m.clock, m.config, m.mapping, core, source, m.dram, m.stats.counts);
  std::vector<Fifo<Codes>*> codes;
  std::vector<Slots*> slots;
  std::vector<Fifo<Group*>*> groups;
  std::vector<Fifo<QueryEvent>*> searched;
  std::vector<sc_core::sc_event*> programming;
  for (std::uint32_t array = 0; array < m.mapping.arrays; ++array) {
    arrays.push_back(
        std::make_unique<ArrayUnit>(fmt::format("array{}", array).c_str(), m, core, array, key_stream.get()));
    codes.push_back(&arrays.back()->codes);
    slots.push_back(&arrays.back()->slots);
    groups.push_back(&arrays.back()->groups);
    if (m.config.pipeline.query_overlap) searched.push_back(&arrays.back()->searched);
    programming.push_back(&arrays.back()->key_programming.wake);
  }
  if (key_stream) key_stream->bind_readers(programming);
  tile_selection = std::make_unique<TileSelection>("tile_selection", m.clock, m.config, m.mapping, m.sensing, codes,
                                                   slots, candidates, m.stats.counts);
  if (m.config.memory.value_source == ValueSource::dram_prefetch)
    prefetch = std::make_unique<Prefetch>("prefetch", m.clock, m.config, m.mapping, value_dim, core, fetches, drops,
                                          done, m.dram, m.stats.counts);
  candidate_merge = std::make_unique<CandidateMerge>(
      "candidate_merge", m.clock, m.config, m.mapping,
      CandidateMerge::Channels{registers, candidates, slots, prefetch ? &fetches : nullptr, prefetch ? &drops : nullptr,
                               events, selections},
      m.stats.counts);
  softmax =
      std::make_unique<SoftmaxStage>("softmax", m.clock, m.config, m.sensing, selections, weights, m.stats.counts);
  Fifo<QueryEvent>* const told = m.mapping.decode == Decode::off ? nullptr : &completed;
  value_accumulate =
      std::make_unique<ValueAccumulate>("value_accumulate", m.clock, m.config, value_dim, weights, prefetch.get(), done,
                                        source, m.sink, m.stats.heads, m.stats.counts, told);
  dispatch = std::make_unique<Dispatch>("dispatch", m.clock, m.config, m.mapping, m.workload, core, source,
                                        Dispatch::Channels{groups, registers, searched, events, told}, prefetch.get(),
                                        m.dram, m.stats.heads, m.stats.counts);
}

void Core::start() {
  dispatch->start();
  if (key_stream) key_stream->start();
}

std::vector<Stage*> Core::stages() {
  std::vector<Stage*> all{dispatch.get()};
  if (key_stream) all.push_back(key_stream.get());
  for (const auto& array : arrays) all.insert(all.end(), {&array->key_programming, &array->cam_array, &array->sensing});
  all.insert(all.end(), {tile_selection.get(), candidate_merge.get()});
  if (prefetch) all.push_back(prefetch.get());
  all.insert(all.end(), {softmax.get(), value_accumulate.get()});
  return all;
}

}  // namespace capcam

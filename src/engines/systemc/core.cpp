// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/core.h"

#include <fmt/format.h>

namespace capcam::systemc {
namespace {

// Returns how many results an array may have between its converters and the candidate register.
std::size_t result_slots(const Context& c) { return static_cast<std::size_t>(c.times.result_slots); }

}  // namespace

Array::Array(const sc_core::sc_module_name& name, const Context& c, const StageMakers& make)
    : sc_module(name),
      work("work", c.clock, 2),
      keys("keys", c.clock, 1),
      used("used", c.clock, 2),
      key_programming(make.key_programming("key_programming", c)),
      tiles("tiles", c.clock, 1),
      queries("queries", c.clock, 2),
      searched("searched", c.clock, 2),
      cam_array(make.cam_array("cam_array", c)),
      matches("matches", c.clock, 1),
      sensing(make.sensing("sensing", c)),
      codes("codes", c.clock, result_slots(c) + 2),
      slots("slots", result_slots(c)) {
  key_programming->work(work);
  key_programming->tiles(tiles);
  cam_array->tiles(tiles);
  cam_array->queries(queries);
  cam_array->matches(matches);
  sensing->matches(matches);
  sensing->slots(slots);
  sensing->codes(codes);
}

Core::Core(const sc_core::sc_module_name& name, const Context& c, const StageMakers& make, MemoryIf& memory,
           std::vector<HeadStats>& heads)
    : sc_module(name),
      keys_there("keys_there", c.clock),
      values_there("values_there", c.clock),
      dispatch("dispatch", c, heads),
      entries("entries", c.clock, 4),
      entries_of_values("entries_of_values", c.clock, 4),
      progress("progress", c.clock, 8),
      tile_selection(make.tile_selection("tile_selection", c)),
      candidates("candidates", c.clock, result_slots(c) * c.mapping.arrays),
      merge(make.merge("merge", c)),
      fetches("fetches", c.clock, result_slots(c) * c.mapping.arrays + 4),
      drops("drops", c.clock, 4),
      kept("kept", c.clock, 4),
      prefetch(make.prefetch("prefetch", c)),
      rows("rows", c.clock, 1),
      selections("selections", c.clock, 1),
      softmax(make.softmax("softmax", c)),
      weights("weights", c.clock, 1),
      contextualization(make.contextualization("contextualization", c)),
      done("done", c.clock, 2),
      completed("completed", c.clock, 2),
      outputs("outputs", c.clock, 2) {
  for (std::uint32_t array = 0; array < c.mapping.arrays; ++array)
    arrays.push_back(std::make_unique<Array>(fmt::format("array{}", array).c_str(), c.at(c.core, array), make));
  bind_dispatch(c, memory);
  if (!c.mapping.keys_fit(c.config.memory, 1)) bind_keys(c, memory);
  bind_association();
  bind_values(c, memory);
}

void Core::bind_dispatch(const Context& c, MemoryIf& memory) {
  for (const auto& array : arrays) {
    dispatch.work(array->work);
    dispatch.queries(array->queries);
    if (!c.config.pipeline.query_overlap) continue;
    array->cam_array->searched(array->searched);
    dispatch.searched(array->searched);
  }
  dispatch.entries(entries);
  dispatch.progress(progress);
  if (c.mapping.decode != Decode::off) {
    contextualization->completed(completed);
    dispatch.completed(completed);
  }
  if (c.config.memory.key_load == HeadLoad::modelled && c.mapping.keys_fit(c.config.memory, 1)) {
    dispatch.memory(memory);
    dispatch.answers(keys_there);
  }
}

void Core::bind_keys(const Context& c, MemoryIf& memory) {
  key_stream.emplace("key_stream", c);
  key_stream->memory(memory);
  key_stream->answers(keys_there);
  for (const auto& array : arrays) {
    key_stream->keys(array->keys);
    key_stream->used(array->used);
    array->key_programming->keys(array->keys);
    array->key_programming->used(array->used);
  }
}

void Core::bind_association() {
  for (const auto& array : arrays) {
    tile_selection->codes(array->codes);
    tile_selection->slots(array->slots);
    merge->slots(array->slots);
  }
  tile_selection->candidates(candidates);
  merge->entries(entries);
  merge->candidates(candidates);
  merge->kept(kept);
  merge->progress(progress);
  merge->selections(selections);
  softmax->selections(selections);
  softmax->weights(weights);
  contextualization->weights(weights);
  contextualization->outputs(outputs);
}

void Core::bind_values(const Context& c, MemoryIf& memory) {
  prefetch->kept(kept);
  prefetch->rows(rows);
  contextualization->rows(rows);
  const bool whole_heads = c.config.memory.value_source == ValueSource::sram;
  if (whole_heads && c.config.memory.value_load == HeadLoad::hidden) return;
  dispatch.entries(entries_of_values);
  prefetch->entries(entries_of_values);
  prefetch->memory(memory);
  prefetch->answers(values_there);
  contextualization->done(done);
  prefetch->done(done);
  if (whole_heads || c.config.top_n.tile_k == 0) return;  // only the kept rows are fetched
  merge->fetches(fetches);
  prefetch->fetches(fetches);
  merge->drops(drops);
  prefetch->drops(drops);
}

std::vector<const Module*> Core::modules() const {
  std::vector<const Module*> all{&dispatch};
  if (key_stream) all.push_back(&*key_stream);
  for (const auto& array : arrays)
    all.insert(all.end(), {array->key_programming.get(), array->cam_array.get(), array->sensing.get()});
  all.insert(all.end(), {tile_selection.get(), merge.get(), prefetch.get(), softmax.get(), contextualization.get()});
  return all;
}

}  // namespace capcam::systemc

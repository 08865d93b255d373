// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/collector.h"

#include <fmt/format.h>

namespace capcam::systemc {

Collector::Collector(const sc_core::sc_module_name& name, Clock& clock, ResultSink& sink, std::vector<HeadStats>& heads,
                     std::uint32_t cores, std::uint64_t expected)
    : Module(name, clock), sink_(sink), heads_(heads), completions_(cores), expected_(expected) {
  sensitive << outputs.written();
  SC_HAS_PROCESS(Collector);
  SC_METHOD(end);
  sensitive << over_;
  dont_initialize();
}

void Collector::step() {
  for (int core = 0; core < outputs.size(); ++core) {
    Completions& of_core = completions_[static_cast<std::size_t>(core)];
    for (const Output* o = outputs[core]->front(); o != nullptr; outputs[core]->pop(), o = outputs[core]->front()) {
      if (of_core.count++ == 0) of_core.first = now();
      of_core.last = now();
      HeadStats& head = heads_[o->head];
      head.last_cycle = static_cast<std::uint64_t>(now());
      if (o->selection.empty()) ++head.empty_queries;
      sink_.take({o->head, o->query, o->selection, o->values});
      sink_.completed(o->head, o->query, static_cast<std::uint64_t>(now()));
      ++completed_;
    }
  }
  if (sink_.stop_requested()) sc_core::sc_stop();
  // The rest of the last cycle still happens.
  if (completed_ == expected_) over_.notify(sc_core::sc_time::from_value(clock_.period_fs() - 1));
}

void Collector::end() { sc_core::sc_stop(); }

std::string Collector::state() const { return fmt::format("{}: {} of {} outputs", name(), completed_, expected_); }

}  // namespace capcam::systemc

// SPDX-License-Identifier: Apache-2.0
#include "engines/systemc/watch.h"

#include <fmt/format.h>

#include "core/output_target.h"

namespace capcam::systemc {
namespace {

constexpr std::uint32_t rows_shown = 16;  // rows of an array that the waveform shows

// Cycles are signed inside; a bound that no run reaches is the last cycle there can be.
Cycle bounded(std::uint64_t cycle) {
  return cycle < static_cast<std::uint64_t>(never) ? static_cast<Cycle>(cycle) : never;
}

}  // namespace

// A unit of a stage: state, and what it works on.
class Watch::Unit final : public StateObserver {
 public:
  Unit(Watch& watch, std::uint32_t core, const std::string& name) : watch_(watch) {
    if (watch.timeline_) track_ = watch.timeline_->add(core, name);
    if (!watch.waveform_) return;
    const std::string prefix = fmt::format("core{}.{}.", core, name);
    state_ = watch.waveform_->add(prefix + "state", 2);
    head_ = watch.waveform_->add(prefix + "head", 32);
    query_ = watch.waveform_->add(prefix + "query", 32);
    tile_ = watch.waveform_->add(prefix + "tile", 32);
  }
  void spent(UnitState state, Cycle from, Cycle to, const Activity& activity) override {
    if (watch_.timeline_) watch_.timeline_->slice(track_, state, from, to, activity);
    if (!watch_.waveform_) return;
    Waveform& waveform = *watch_.waveform_;
    waveform.change(state_, from, static_cast<std::uint64_t>(state));
    waveform.change(state_, to, static_cast<std::uint64_t>(UnitState::starved));
    if (activity.query != Activity::none) {
      waveform.change(head_, from, activity.head);
      waveform.change(query_, from, activity.query);
    }
    if (activity.tile != Activity::none) waveform.change(tile_, from, activity.tile);
  }

 private:
  Watch& watch_;
  std::uint32_t track_ = 0, state_ = 0, head_ = 0, query_ = 0, tile_ = 0;
};

// How many places of a channel are taken.
class Watch::Fill final : public FillObserver {
 public:
  Fill(Waveform& waveform, const std::string& name) : waveform_(waveform), signal_(waveform.add(name + "_fill", 16)) {}
  // Places are told in the order they are taken and freed, but not in order of time: counted when the run is over.
  void filled(Cycle at, int change) override {
    if (at < waveform_.first()) {
      before_ += change;
      return;
    }
    if (changes_.size() >= limit) waveform_.cut(at);
    if (at < waveform_.cut_at()) changes_.emplace_back(at, change);
  }
  void finish() {
    std::stable_sort(changes_.begin(), changes_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    int taken = before_;
    if (taken != 0 && waveform_.first() > 0)
      waveform_.change(signal_, waveform_.first() - 1, static_cast<std::uint64_t>(taken));
    for (const auto& [at, change] : changes_)
      waveform_.change(signal_, at, static_cast<std::uint64_t>(taken += change));
  }

 private:
  static constexpr std::size_t limit = Waveform::limit / 8;

  Waveform& waveform_;
  std::uint32_t signal_;
  int before_ = 0;  // taken when the window begins
  std::vector<std::pair<Cycle, int>> changes_;
};

// The codes of an array's first rows.
class Watch::Rows final : public CodesObserver {
 public:
  Rows(Waveform& waveform, const std::string& name, std::uint32_t rows) : waveform_(waveform) {
    for (std::uint32_t row = 0; row < std::min(rows, rows_shown); ++row)
      signals_.push_back(waveform.add(fmt::format("{}.code{}", name, row), 32));
  }
  void converted(Cycle at, const std::vector<std::uint32_t>& codes) override {
    for (std::size_t row = 0; row < signals_.size() && row < codes.size(); ++row)
      waveform_.change(signals_[row], at, codes[row]);
  }

 private:
  Waveform& waveform_;
  std::vector<std::uint32_t> signals_;
};

Watch::Watch(const SystemcOptions& options, std::uint64_t period_fs) : options_(options) {
  // A file that cannot be written is said before the run, not after it.
  if (options.vcd) {
    check_writable(*options.vcd);
    waveform_.emplace(period_fs);
    waveform_->window(bounded(options.first_cycle), options.last_cycle ? bounded(*options.last_cycle) : never);
  }
  if (options.timeline) {
    check_writable(*options.timeline);
    timeline_.emplace(period_fs);
    timeline_->window(bounded(options.first_cycle), options.last_cycle ? bounded(*options.last_cycle) : never);
  }
}

Watch::~Watch() = default;

void Watch::unit(std::uint32_t core, const std::string& name, auto& ledger) {
  units_.push_back(std::make_unique<Unit>(*this, core, name));
  ledger.watch(units_.back().get());
}

void Watch::fill(const std::string& name, auto& fifo) {
  if (!waveform_) return;
  fills_.push_back(std::make_unique<Fill>(*waveform_, name));
  fifo.watch(fills_.back().get());
}

void Watch::attach(std::uint32_t number, Core& core) {
  unit(number, "association", core.merge->association);
  unit(number, "normalization", core.softmax->normalization);
  unit(number, "contextualization", core.contextualization->ledger);
  const std::string core_name = fmt::format("core{}.", number);
  for (std::size_t array = 0; array < core.arrays.size(); ++array) {
    Array& a = *core.arrays[array];
    const std::string name = fmt::format("array{}.", array);
    unit(number, name + "key_programming", a.key_programming->ledger);
    fill(core_name + name + "key_programming.tiles", a.tiles);
    unit(number, name + "cam_array", a.cam_array->ledger);
    fill(core_name + name + "cam_array.matches", a.matches);
    unit(number, name + "sensing", a.sensing->ledger);
    fill(core_name + name + "sensing.codes", a.codes);
    if (waveform_) {
      const auto rows = static_cast<std::uint32_t>(rows_shown);
      rows_.push_back(std::make_unique<Rows>(*waveform_, core_name + name + "sensing", rows));
      a.sensing->watch(rows_.back().get());
    }
    unit(number, name + "tile_selection", core.tile_selection->ledgers[array]);
  }
  fill(core_name + "tile_selection.candidates", core.candidates);
  unit(number, "merge", core.merge->merge);
  fill(core_name + "merge.selections", core.selections);
  unit(number, "prefetch", core.prefetch->ledger);
  fill(core_name + "prefetch.fetches", core.fetches);
  fill(core_name + "prefetch.rows", core.rows);
  unit(number, "softmax", core.softmax->softmax);
  fill(core_name + "softmax.weights", core.weights);
}

std::vector<std::string> Watch::finish(Cycle end) {
  std::vector<std::string> warnings;
  for (const auto& fill : fills_) fill->finish();
  if (waveform_) {
    if (const auto cut = waveform_->write(*options_.vcd, end))
      warnings.push_back(fmt::format(
          "{} ends at cycle {} of {}: {} changes are kept (a window: --cycles FROM-TO; fewer layers: --layers)",
          options_.vcd->string(), *cut, end, Waveform::limit));
  }
  if (timeline_) {
    if (const auto cut = timeline_->write(*options_.timeline, end))
      warnings.push_back(fmt::format(
          "{} ends at cycle {} of {}: {} slices are kept (a window: --cycles FROM-TO; fewer layers: --layers)",
          options_.timeline->string(), *cut, end, Timeline::limit));
  }
  return warnings;
}

}  // namespace capcam::systemc

// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/points/point_run.h"

#include <fmt/format.h>

#include <utility>

#include "config/writer.h"
#include "studies/sweep/store/results_part.h"

namespace capcam {
PointRunner::PointRunner(const SweepTraces& traces, double accuracy_share, std::function<bool()> stop_requested)
    : traces_(traces),
      accuracy_share_(accuracy_share),
      stop_requested_(std::move(stop_requested)),
      engine_(fast_engine(1)) {}

Report PointRunner::run(const SweepPoint& point) {
  const Config& config = point.config;
  const auto cards = libraries_.get(config_to_json(config)["cost"].dump() + " " + config.memory.dram_card,
                                    [&] { return std::make_shared<const CardLibrary>(read_cards(config)); });
  StopWhen sink(stop_requested_);
  SimulateOptions options;
  options.accuracy_share = accuracy_share_;
  options.results = &sink;
  options.cards = cards.get();
  options.accuracy_memory = [&](const Config&, const std::function<Accuracy()>& measure) {
    return accuracies_.get(results_group(point), measure);
  };
  return simulate(config, *traces_[point.trace], *engine_, options);
}

std::string results_group(const SweepPoint& point) {
  return fmt::format("trace {} {}", point.trace, results_identity(point.config));
}

}  // namespace capcam

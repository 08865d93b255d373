// SPDX-License-Identifier: Apache-2.0
#include "apps/python/machine.h"

#include "capcam/read_config.h"

namespace capcam::python {
namespace {

Config configured(const std::string& config, const std::vector<std::string>& sets, std::uint64_t seed) {
  Config result = read_config(resolve_config_path(config), sets);
  result.seed = seed;
  return result;
}

}  // namespace

PricedMachine::PricedMachine(const std::string& config, const std::vector<std::string>& sets, std::uint64_t seed,
                             const std::filesystem::path& models)
    : config_(configured(config, sets, seed)),
      cards_(models.empty() ? read_cards(config_) : read_cards(config_, models)) {}

Report PricedMachine::replay(const Trace& trace, unsigned threads, double accuracy_share, ResultSink& outputs) const {
  SimulateOptions options;
  options.accuracy_share = accuracy_share;
  options.results = &outputs;
  options.results_wanted = true;
  options.cards = &cards_;
  const auto engine = threads > 0 ? fast_engine(threads) : fast_engine();
  return simulate(config_, trace, *engine, options);
}

Report PricedMachine::time(const Trace& trace, ResultSink& stop) const {
  SimulateOptions options;
  options.accuracy_share = 0.0;
  options.results = &stop;
  options.cards = &cards_;
  return simulate(config_, trace, *fast_engine(), options);
}

}  // namespace capcam::python

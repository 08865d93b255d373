// A machine that is configured and priced once and then given traces, on the fast engine.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "capcam/simulate.h"
#include "cost/cards/library.h"

namespace capcam::python {

class PricedMachine {
 public:
  // `config`: the name of a shipped configuration or the path of one. `models`: cards of the user's own; empty: none.
  // Throws InputError.
  PricedMachine(const std::string& config, const std::vector<std::string>& sets, std::uint64_t seed,
                const std::filesystem::path& models);

  const Config& config() const { return config_; }

  // `outputs` sees every result, and is asked whether to stop. threads 0: one per processor.
  Report replay(const Trace& trace, unsigned threads, double accuracy_share, ResultSink& outputs) const;
  // The same without results: cycles, actions and their cost.
  Report time(const Trace& trace, ResultSink& stop) const;

 private:
  Config config_;
  CardLibrary cards_;
};

}  // namespace capcam::python

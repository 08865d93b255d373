// A machine that is configured and priced once and then replays traces on the fast engine.
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
  // `config` is the name of a shipped configuration or a path, `models` a folder of the user's cards or empty. Throws
  // InputError.
  PricedMachine(const std::string& config, const std::vector<std::string>& sets, std::uint64_t seed,
                const std::filesystem::path& models);

  const Config& config() const { return config_; }

  // `outputs` sees every result, and is asked whether to stop. threads 0: one per processor.
  Report replay(const Trace& trace, unsigned threads, double accuracy_share, ResultSink& outputs) const;
  // Does the same without results: cycles, actions and their cost.
  Report time(const Trace& trace, ResultSink& stop) const;

 private:
  Config config_;
  CardLibrary cards_;
};

}  // namespace capcam::python

// The reference engine: the machine as SystemC modules. One run per process, because the SystemC kernel allows one
// elaboration; call it from sc_main.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>

#include "capcam/engine.h"

namespace capcam {

// What a run leaves behind for people who look into the machine.
struct WatchOptions {
  std::optional<std::filesystem::path> vcd;       // waveform
  std::optional<std::filesystem::path> timeline;  // Chrome trace events, for Perfetto
  std::uint64_t first_cycle = 0;                  // of both: what happens before and after is left out
  std::uint64_t last_cycle = std::numeric_limits<std::uint64_t>::max();
};

std::unique_ptr<Engine> systemc_engine(const WatchOptions& watch = {});

}  // namespace capcam

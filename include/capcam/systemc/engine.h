// The reference engine: the machine as SystemC modules. One run per process, because the SystemC kernel allows one
// elaboration; call it from sc_main.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "capcam/engine.h"

namespace capcam {

// What a run leaves behind for people who look into the machine.
struct WatchOptions {
  std::optional<std::filesystem::path> vcd;       // waveform
  std::optional<std::filesystem::path> timeline;  // Chrome trace events, for Perfetto
};

std::unique_ptr<Engine> systemc_engine(const WatchOptions& watch = {});

}  // namespace capcam

// SPDX-License-Identifier: Apache-2.0
#include "stats/warnings.h"

#include <fmt/format.h>

namespace capcam {

void add_warnings(RunStats& stats, const Config& config, const Mapping& mapping) {
  if (!mapping.keys_fit(config.memory, 1))
    stats.warnings.push_back(
        fmt::format("the keys of a head ({} bytes) do not fit the key SRAM (memory.key_sram_kib = {}): they are "
                    "fetched from DRAM at every use",
                    mapping.key_bytes(mapping.keys), config.memory.key_sram_kib));
  if (config.accelerator.cores > 1 && stats.heads.size() < config.accelerator.cores)
    stats.warnings.push_back(fmt::format("{} heads cannot keep {} cores busy (accelerator.cores)", stats.heads.size(),
                                         config.accelerator.cores));
}

}  // namespace capcam

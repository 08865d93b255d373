// SPDX-License-Identifier: Apache-2.0
#include "stats/warnings.h"

#include <fmt/format.h>

namespace capcam {

std::vector<std::string> run_warnings(const RunStats& stats, const Config& config, const Mapping& mapping) {
  std::vector<std::string> warnings;
  if (!mapping.keys_fit(config.memory, 1))
    warnings.push_back(
        fmt::format("the keys of a head ({} bytes) do not fit the key SRAM (memory.key_sram_kib = {}): they are "
                    "fetched from DRAM at every use",
                    mapping.key_bytes(mapping.keys), config.memory.key_sram_kib));
  if (config.pipeline.decode == Decode::append && !mapping.resident)
    warnings.push_back(
        fmt::format("pipeline.decode = \"append\", but a head's keys ({} tiles of {} segments) do not fit the arrays "
                    "(array.count = {}): they are programmed again for every step",
                    mapping.tiles, mapping.segmentation.segments(), mapping.arrays));
  if (config.accelerator.cores > 1 && stats.heads.size() < config.accelerator.cores)
    warnings.push_back(fmt::format("{} heads cannot keep {} cores busy (accelerator.cores)", stats.heads.size(),
                                   config.accelerator.cores));
  return warnings;
}

}  // namespace capcam

// The line formats of memory requests for DRAM simulators.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/describe.h"

namespace capcam {

enum class DramFormat { ramulator, dramsys };
inline constexpr Choice<DramFormat> dram_formats[] = {
    {DramFormat::ramulator, "ramulator", "Ramulator 2, LoadStoreTrace: LD 0xADDRESS, a line for each 64 bytes touched"},
    {DramFormat::dramsys, "dramsys", "DRAMSys, .stl: CYCLE: (BYTES) read 0xADDRESS, never across 64 bytes"},
};

}  // namespace capcam

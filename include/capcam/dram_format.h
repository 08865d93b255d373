// The line formats of memory requests for DRAM simulators.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "capcam/describe.h"

namespace capcam {

enum class DramFormat { ramulator, dramsys };
inline constexpr Choice<DramFormat> dram_formats[] = {
    {DramFormat::ramulator, "ramulator",
     "Ramulator 2, LoadStoreTrace: LD 0xADDRESS, one for each line of the memory touched"},
    {DramFormat::dramsys, "dramsys", "DRAMSys, .stl: CYCLE: (BYTES) read 0xADDRESS, never across a line of the memory"},
};

}  // namespace capcam

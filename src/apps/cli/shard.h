// The option --shard names the part of a sweep that this process simulates.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "studies/sweep/store/point_key.h"

namespace capcam {

// Parses "2/4", or "slurm" for the task of a Slurm job array, read from its environment. Throws InputError.
Shard read_shard(const std::string& text);

}  // namespace capcam

// --shard: which part of a sweep is this process's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "studies/sweep/store/point_key.h"

namespace capcam {

// "2/4", or "slurm": the task of a Slurm job array, from its environment. Throws InputError.
Shard read_shard(const std::string& text);

}  // namespace capcam

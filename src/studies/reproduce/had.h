// Reproduces the HAD paper's figures and the same group's early design: the tables of models/published/had.toml.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "studies/reproduce/comparison.h"
#include "studies/reproduce/machines.h"

namespace capcam::reproduce {

std::vector<OurTable> had_tables(Machines& machines);

}  // namespace capcam::reproduce

// Writes the energy and area reference tables of a machine in the form of Accelergy (version 0.4), which Timeloop and
// its successors read. ERT.yaml has the energy of every action in pJ, ART.yaml the area of one instance of every
// component in um^2.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "cost/price.h"

namespace capcam {

std::string energy_reference_table(const Cost& cost);
std::string area_reference_table(const Cost& cost);

// Writes both files, each whole or not at all, into a folder that is made if need be. Throws InputError.
void write_reference_tables(const std::filesystem::path& folder, const Cost& cost);

}  // namespace capcam

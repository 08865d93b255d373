// Writes the energy and area reference tables of a machine in the form of Accelergy (version 0.4), which Timeloop and
// its successors read. ERT.yaml has the energy of every action in pJ, ART.yaml the area of one instance of every
// component in um^2.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "cost/price.h"

namespace capcam {

// leak is of one instance for a cycle, as Accelergy and Timeloop count it.
std::string energy_reference_table(const Cost& cost, double frequency_ghz);
std::string area_reference_table(const Cost& cost);
// The actions of a priced run, and its cycles of leak.
std::string action_counts_table(const Cost& cost, std::uint64_t cycles);

// Writes the tables, and with `cycles` of a priced run action_counts.yaml, into a folder that is made if need be: all
// of them or none. Throws InputError.
void write_reference_tables(const std::filesystem::path& folder, const Cost& cost, double frequency_ghz,
                            std::optional<std::uint64_t> cycles = std::nullopt);

}  // namespace capcam

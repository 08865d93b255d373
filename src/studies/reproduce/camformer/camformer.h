// Reproduces the CAMformer paper's figures: the tables of models/published/camformer.toml, in order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "studies/reproduce/comparison.h"
#include "studies/reproduce/machines.h"

namespace capcam::reproduce {

// Runs the published design on the published workload, a BERT-Large layer of 16 heads.
const Report& published_design(Machines& machines, const std::vector<std::string>& sets = {});
// Runs the same machine with a query a head and keys that come over the DRAM channel, priced bottom-up and with a DRAM
// of HBM2's energy. Every honest figure is of this machine.
const Report& honest_design(Machines& machines, const std::vector<std::string>& sets = {});

// Each group of tables has a file of its own.
std::vector<OurTable> timing_tables(Machines& machines);       // stages, use counts, pipelines
std::vector<OurTable> cost_tables(Machines& machines);         // energy, area, stage split
std::vector<OurTable> efficiency_tables(Machines& machines);   // throughput, power, efficiency, 16 cores
std::vector<OurTable> sensitivity_tables(Machines& machines);  // amortised programming, N, tile rows, recall
std::vector<OurTable> circuit_tables(Machines& machines);      // assumptions of the figures, variation, accuracy
std::vector<OurTable> comparison_tables(Machines& machines);   // other accelerators

std::vector<OurTable> camformer_tables(Machines& machines);

}  // namespace capcam::reproduce

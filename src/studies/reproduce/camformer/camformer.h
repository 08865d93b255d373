// The CAMformer paper's figures, made again: the tables of models/published/camformer.toml, in order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "studies/reproduce/comparison.h"
#include "studies/reproduce/machines.h"

namespace capcam::reproduce {

// The published design and workload: a BERT-Large layer of 16 heads.
const Report& published_design(Machines& machines, const std::vector<std::string>& sets = {});
// The same machine priced bottom-up, with a DRAM of HBM2's energy.
const Report& honest_design(Machines& machines, const std::vector<std::string>& sets = {});

// One group of tables a file.
std::vector<OurTable> timing_tables(Machines& machines);       // stages, use counts, pipelines
std::vector<OurTable> cost_tables(Machines& machines);         // energy, area, stage split
std::vector<OurTable> efficiency_tables(Machines& machines);   // throughput, power, efficiency, 16 cores
std::vector<OurTable> sensitivity_tables(Machines& machines);  // amortised programming, N, tile rows, recall
std::vector<OurTable> circuit_tables(Machines& machines);      // what the figures rest on, variation, accuracy
std::vector<OurTable> comparison_tables(Machines& machines);   // other accelerators

std::vector<OurTable> camformer_tables(Machines& machines);

}  // namespace capcam::reproduce

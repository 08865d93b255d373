// SPDX-License-Identifier: Apache-2.0
#include "studies/reproduce/camformer/camformer.h"

#include <algorithm>
#include <iterator>

namespace capcam::reproduce {
namespace {

constexpr Size bert_large{16, 4, 1024, 64}, decoding{16, 1, 1024, 64};

}  // namespace

const Report& published_design(Machines& machines, const std::vector<std::string>& sets) {
  return machines.run("camformer", sets, bert_large);
}

const Report& honest_design(Machines& machines, const std::vector<std::string>& sets) {
  std::vector<std::string> all{"cost.library=physical", "memory.dram_card=hbm2", "memory.key_load=modelled",
                               "memory.bandwidth_gb_s=50.1"};
  all.insert(all.end(), sets.begin(), sets.end());
  return machines.run("camformer", all, decoding);
}

std::vector<OurTable> camformer_tables(Machines& machines) {
  std::vector<OurTable> tables;
  for (const auto tables_of :
       {timing_tables, cost_tables, efficiency_tables, sensitivity_tables, circuit_tables, comparison_tables}) {
    std::vector<OurTable> more = tables_of(machines);
    std::move(more.begin(), more.end(), std::back_inserter(tables));
  }
  return tables;
}

}  // namespace capcam::reproduce

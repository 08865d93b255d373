// The report.json of a finished run of the default machine, priced again.
// SPDX-License-Identifier: Apache-2.0
#include "studies/price/counts_file.h"

#include <cmath>

#include "cost/price.h"
#include "input.h"

using namespace capcam;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Config config;
  static const CardLibrary cards = read_cards(config);
  const std::filesystem::path file = fuzz::written("report.json", fuzz::text_of(data, size));
  fuzz::accepts([&] {
    const CountedRun run = read_counts(file, config);
    const Cost cost = price(run.stats, config, cards, &run.shape);
    fuzz::require(std::isfinite(cost.total_pj.value), "the price of counts is a number");
    check_cost(cost);
  });
  return 0;
}

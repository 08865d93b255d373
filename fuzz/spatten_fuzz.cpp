// SpAtten's tables of heads.
// SPDX-License-Identifier: Apache-2.0
#include "trace/spatten.h"

#include "input.h"

using namespace capcam;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::filesystem::path file = fuzz::written("table.csv", fuzz::text_of(data, size));
  fuzz::accepts([&] {
    const SyntheticSpec spec = read_spatten_workload(file);
    fuzz::require(spec.layers > 0 && spec.heads > 0 && spec.queries > 0 && spec.keys > 0, "a table has a shape");
    fuzz::require(spec.layers * spec.heads <= size, "a table names its heads");
  });
  return 0;
}

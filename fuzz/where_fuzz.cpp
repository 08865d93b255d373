// The `where` of a sweep: text to tree, and its value over keys of every kind.
// SPDX-License-Identifier: Apache-2.0
#include "input.h"
#include "studies/sweep/file/where.h"

using namespace capcam;

namespace {

WhereValue value_of(const std::string& key) {
  if (key.ends_with("kind")) return std::string("sar");
  if (key.ends_with("overlap")) return true;
  return static_cast<double>(key.size());
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::accepts([&] {
    const Where where(fuzz::text_of(data, size));
    for (const std::string& key : where.keys()) fuzz::require(!key.empty(), "a key has a name");
    const bool holds = where.holds(value_of);
    fuzz::require(where.holds(value_of) == holds, "equal values give equal answers");
  });
  return 0;
}

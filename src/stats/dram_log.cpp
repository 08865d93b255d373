// SPDX-License-Identifier: Apache-2.0
#include "stats/dram_log.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "capcam/error.h"

namespace capcam {

void OrderedDramLog::request(DramRequest request) {
  if (!of_cycle_.empty() && request.cycle != of_cycle_.front().cycle) {
    if (request.cycle < of_cycle_.front().cycle) throw LawBroken("DRAM requests go back in time");
    flush();
  }
  std::sort(request.keys.begin(), request.keys.end());
  of_cycle_.push_back(std::move(request));
}

void OrderedDramLog::flush() {
  std::stable_sort(of_cycle_.begin(), of_cycle_.end(), [](const DramRequest& a, const DramRequest& b) {
    const auto place = [](const DramRequest& r) {
      const bool values = r.what == DramRequest::What::values || r.what == DramRequest::What::head_values;
      return std::tuple(r.core, values, values ? r.head : 0, r.query);
    };
    return place(a) < place(b);
  });
  for (const DramRequest& request : of_cycle_) take(request);
  of_cycle_.clear();
}

}  // namespace capcam

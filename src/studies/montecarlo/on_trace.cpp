// SPDX-License-Identifier: Apache-2.0
#include "studies/montecarlo/on_trace.h"

#include <algorithm>

#include "capcam/error.h"
#include "capcam/simulate.h"

namespace capcam::montecarlo {

std::vector<AccuracyFigures> accuracy_on(const std::filesystem::path& path, const Request& request,
                                         std::uint32_t machines, const StopRequested& stop_requested) {
  const PreparedTrace trace(open_trace(path));
  const std::unique_ptr<Engine> engine = fast_engine();
  std::vector<AccuracyFigures> table;
  for (const Condition& condition : request.conditions) {
    AccuracyFigures sum;
    sum.worst_head_cosine = 1.0;
    for (std::uint32_t machine = 0; machine < machines; ++machine) {
      if (stop_requested()) throw Interrupted();
      Config config = at(request.config, condition);
      config.seed += machine;
      const AccuracyFigures one =
          measure_accuracy(config, trace, *engine, 1.0, stop_requested).ideal.value_or(AccuracyFigures{});
      sum.selection_recall += one.selection_recall / machines;
      sum.cosine += one.cosine / machines;
      sum.relative_l2 += one.relative_l2 / machines;
      sum.worst_head_cosine = std::min(sum.worst_head_cosine, one.worst_head_cosine);
    }
    table.push_back(sum);
  }
  return table;
}

}  // namespace capcam::montecarlo

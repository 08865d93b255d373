// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "core/error.h"
#include "report/report.h"

namespace capcam {

std::string heads_csv(const Report& report) {
  const TraceShape& shape = report.trace.shape;
  const std::vector<HeadStats>& heads = report.stats.heads;
  if (heads.size() != report.trace.layers.size() * shape.batch * shape.heads) {
    throw LawBroken(fmt::format("heads_csv: {} heads of {} layers x {} sequences x {} heads", heads.size(),
                                report.trace.layers.size(), shape.batch, shape.heads));
  }
  std::string text = "layer,batch,head,kv_head,core,first_cycle,last_cycle,empty_queries\n";
  std::size_t index = 0;  // heads are in the order layer, batch, head
  for (const std::uint32_t layer : report.trace.layers) {
    for (std::uint64_t batch = 0; batch < shape.batch; ++batch) {
      for (std::uint64_t head = 0; head < shape.heads; ++head) {
        const HeadStats& one = heads[index++];
        text += fmt::format("{},{},{},{},{},{},{},{}\n", layer, batch, head, head / (shape.heads / shape.kv_heads),
                            one.core, one.first_cycle, one.last_cycle, one.empty_queries);
      }
    }
  }
  return text;
}

}  // namespace capcam

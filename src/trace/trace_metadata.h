// Reads the __metadata__ of a trace: strings that say what the tensors cannot.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/printable.h"

namespace capcam {

struct TraceMetadata {
  std::optional<std::string> model;
  bool causal = false;
  std::uint64_t query_offset = 0;       // position of the first query
  std::optional<std::uint64_t> window;  // positions
  std::optional<double> scale;
  std::uint64_t call = 0;                   // number of the model's call
  std::map<std::uint32_t, double> sigma_q;  // by layer
  std::map<std::uint32_t, double> sigma_k;
  std::map<std::uint32_t, std::uint64_t> windows;
  std::map<std::uint32_t, double> scales;
};

// Reads the keys that a trace may have; others are the capture's own and pass. `layers` are the layers the trace has,
// ascending.
void read_trace_metadata(const std::map<std::string, std::string>& metadata, const std::vector<std::uint32_t>& layers,
                         TraceMetadata& out, Problems& problems);

// Reads the <l> of layers.<l>.q as it has to be written: decimal, no sign, no leading zeros.
std::optional<std::uint32_t> parse_layer_index(std::string_view text);

}  // namespace capcam

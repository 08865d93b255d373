// Every request to the DRAM channel and its time, for a replay by other simulators.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace capcam {

struct DramRequest {
  enum class What : std::uint8_t {
    head_keys,    // the keys with which a head begins, from its first key
    tile_keys,    // rows of a tile's segment
    values,       // value rows
    head_values,  // the value rows with which a head begins, from its first key's
  };
  std::uint64_t cycle = 0;
  std::uint32_t core = 0;
  What what = What::values;
  std::uint32_t head = 0;                              // index in the workload
  std::uint32_t query = 0;                             // only for values
  std::uint32_t tile = 0, segment = 0, first_row = 0;  // only for tile_keys
  std::uint64_t bytes = 0;
  std::vector<std::uint32_t> keys;  // only for values: the keys whose rows are read, ascending
};

class DramLog {
 public:
  virtual ~DramLog() = default;
  // Requests come in order of cycle. Those of one cycle come in any order, but a core's fetches of keys stay in order.
  virtual void request(DramRequest request) = 0;
};

// Puts the requests of a cycle in the order of docs/timing.md: core, keys before values, older queries first.
class OrderedDramLog : public DramLog {
 public:
  void request(DramRequest request) final;
  // Must be called after the last request.
  void flush();

 protected:
  virtual void take(const DramRequest& request) = 0;

 private:
  std::vector<DramRequest> of_cycle_;
};

}  // namespace capcam

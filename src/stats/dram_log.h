// Every request to the DRAM channel, for whoever wants to replay them: what was asked for and when.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace capcam {

struct DramRequest {
  enum class What : std::uint8_t {
    head_keys,  // the keys a head begins with, from its first
    tile_keys,  // rows of a tile's segment
    values,     // value rows
  };
  std::uint64_t cycle = 0;
  std::uint32_t core = 0;
  What what = What::values;
  std::uint32_t head = 0;                              // as in the workload
  std::uint32_t query = 0;                             // values
  std::uint32_t tile = 0, segment = 0, first_row = 0;  // tile_keys
  std::uint64_t bytes = 0;
  std::vector<std::uint32_t> keys;  // values: whose rows, ascending
};

class DramLog {
 public:
  virtual ~DramLog() = default;
  // In order of cycle; those of one cycle in any order but a core's fetches of keys, which come in theirs.
  virtual void request(DramRequest request) = 0;
};

// Puts the requests of a cycle in the order of docs/timing.md: core, keys before values, older queries first.
class OrderedDramLog : public DramLog {
 public:
  void request(DramRequest request) final;
  // After the last request.
  void flush();

 protected:
  virtual void take(const DramRequest& request) = 0;

 private:
  std::vector<DramRequest> of_cycle_;
};

}  // namespace capcam

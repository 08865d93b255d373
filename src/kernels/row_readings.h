// What a converter finds of the voltages that the cells of a row had, at the time at which it reads the row. Settled,
// it finds the same of each: C' / (d C' + C_p) (kernels/cell_circuit.h). Where there was no time (sensing.settling),
// the weights of kernels/row_network.h: the row has not filled its matchline or its sampling capacitor yet, which is a
// gain, and near cells weigh more than far ones, which makes cells differ. The switches that are closed until a row is
// read:
//
//   sampled     sharing: cells; sampling: cells and C_s. A later row of a shared converter waits with its cells joined,
//               then its time on C_s is part of its conversion (kernels/hold.h)
//   read as it is (no C_s)   cells, until the converter is done with the row: flash at the end of its conversion, a
//               ramp as at half scale; with share_switches = "open" the matchline alone once the search is over
//
// Cells are taken to be of nominal size here; their mismatch is added to the weights.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "capcam/config.h"
#include "kernels/hold.h"
#include "kernels/row_network.h"

namespace capcam {

struct RowReading {
  double gain = 1.0;            // of the mean of the cells, over the settled one
  std::vector<double> weights;  // of each cell over the mean, less 1; empty if none can move a code
};

// The switches that are closed, one after another, until the turn-th row of a converter is read: after so much sharing
// and sampling in the search.
std::vector<NetworkStep> steps_until_read(const Config& config, const Hold& hold, std::uint32_t turn, double sharing_ns,
                                          double sampling_ns);

class RowReadings {
 public:
  RowReadings(const Config& config, const Hold& hold, std::uint32_t used);
  // Returns the reading of a row of the array.
  const RowReading& row(std::uint32_t row) const { return readings_[kind_of(row)]; }
  // The different readings, and which of them a row has.
  const std::vector<RowReading>& all() const { return readings_; }
  std::uint32_t kind_of(std::uint32_t row) const { return reading_of_row_[row % reading_of_row_.size()]; }

 private:
  std::vector<RowReading> readings_;
  std::vector<std::uint32_t> reading_of_row_;  // [row], or of as many rows as share a converter
};

// Returns the reading of a row that is read after such times: `sharing_ns` and `sampling_ns` of the search, of the
// turn-th row.
RowReading reading(const Config& config, const Hold& hold, std::uint32_t used, std::uint32_t turn, double sharing_ns,
                   double sampling_ns);

// Returns true if the cells are cut off the matchline while a row waits for its converter.
bool waits_cut_off(const CircuitParams& circuit);

}  // namespace capcam

// Cells of a CSV text (RFC 4180): commas, double quotes around a cell, two for one inside, line ends LF or CRLF.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace capcam::silicon {

struct CsvCell {
  std::string text;
  std::size_t line = 1, column = 1;  // where it begins
};

// Returns rows of cells; empty lines are left out. `problems` gets one "line:column: ..." for each quote that is wrong.
std::vector<std::vector<CsvCell>> csv_rows(std::string_view text, std::vector<std::string>& problems);

}  // namespace capcam::silicon

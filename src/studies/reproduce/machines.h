// Runs the real machine on the fast engine: configurations on synthetic traces of published sizes, each run once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "capcam/report.h"

namespace capcam::reproduce {

struct Size {
  std::uint64_t heads = 1, queries = 1, keys = 1024, dim = 64;  // dim is that of queries, keys and values
};

class Machines {
 public:
  Machines();
  ~Machines();
  Machines(const Machines&) = delete;
  Machines& operator=(const Machines&) = delete;

  // Returns the report of configs/<config>.toml with some keys changed. The reference stays valid.
  const Report& run(const std::string& config, const std::vector<std::string>& sets, const Size& size);
  // Returns a trace file of that size, of independent normal values.
  std::filesystem::path trace(const Size& size);

 private:
  std::filesystem::path folder_;
  std::map<std::string, Report> runs_;
};

double head_queries(const Report& report);
// Both sum over the named components; nothing if the library has none of them. Energy is per head-query.
std::optional<double> energy_nj(const Report& report, const std::vector<std::string>& components);
std::optional<double> area_um2(const Report& report, const std::vector<std::string>& components);

}  // namespace capcam::reproduce

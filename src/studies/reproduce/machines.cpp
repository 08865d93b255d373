// SPDX-License-Identifier: Apache-2.0
#include "studies/reproduce/machines.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "capcam/error.h"
#include "capcam/read_config.h"
#include "capcam/simulate.h"
#include "trace/synthetic.h"

namespace capcam::reproduce {
namespace {

std::optional<double> sum_of(const Report& report, const std::vector<std::string>& names,
                             Figure ComponentCost::*figure) {
  std::optional<double> sum;
  for (const ComponentCost& component : report.cost.components) {
    if (std::find(names.begin(), names.end(), component.name) != names.end())
      sum = sum.value_or(0.0) + (component.*figure).value;
  }
  return sum;
}

}  // namespace

Machines::Machines()
    : folder_(std::filesystem::temp_directory_path() / fmt::format("capcam-reproduce-{}", ::getpid())) {
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  if (failed) throw InputError("cannot make the temporary folder " + folder_.string() + ": " + failed.message());
}

Machines::~Machines() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::filesystem::path Machines::trace(const Size& size) {
  auto path = folder_ / fmt::format("{}x{}x{}x{}.safetensors", size.heads, size.queries, size.keys, size.dim);
  if (std::filesystem::exists(path)) return path;
  SyntheticSpec spec;
  spec.heads = spec.kv_heads = size.heads;
  spec.queries = size.queries;
  spec.keys = size.keys;
  spec.head_dim = spec.value_dim = size.dim;
  write_synthetic(spec, path);
  return path;
}

const Report& Machines::run(const std::string& name, const std::vector<std::string>& sets, const Size& size) {
  const std::filesystem::path path = trace(size);
  const std::string id = fmt::format("{} {} {}", name, fmt::join(sets, " "), path.filename().string());
  const auto found = runs_.find(id);
  if (found != runs_.end()) return found->second;
  SimulateOptions options;
  options.accuracy_share = 0.0;
  const Config config = read_config(resolve_config_path(name), sets);
  return runs_.emplace(id, simulate(config, open_trace(path), *fast_engine(), options)).first->second;
}

double head_queries(const Report& report) { return static_cast<double>(report.stats.head_queries); }

std::optional<double> energy_nj(const Report& report, const std::vector<std::string>& components) {
  const std::optional<double> sum_pj = sum_of(report, components, &ComponentCost::energy_pj);
  return sum_pj ? std::optional(*sum_pj / head_queries(report) / 1e3) : std::nullopt;
}

std::optional<double> area_um2(const Report& report, const std::vector<std::string>& components) {
  return sum_of(report, components, &ComponentCost::area_um2);
}

}  // namespace capcam::reproduce

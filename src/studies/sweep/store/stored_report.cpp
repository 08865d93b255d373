// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/store/stored_report.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <variant>

#include "capcam/error.h"
#include "core/json_text.h"
#include "core/printable.h"

namespace capcam {
namespace {

using Json = nlohmann::ordered_json;

bool has_text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string();
}

std::string problem_of(const Json& report) {
  if (!report.is_object()) return "expected an object";
  const auto config = report.find("config"), trace = report.find("trace");
  if (config == report.end() || !config->is_object()) return "config: expected an object";
  if (trace == report.end() || !trace->is_object()) return "trace: expected an object";
  if (!has_text(*trace, "path") || !has_text(*trace, "sha256")) return "trace: expected the texts path and sha256";
  return "";
}

}  // namespace

Json stored_report(const ResultStore& store, const StoredResult& result) {
  std::variant<Json, std::string> read = read_json(result.report);
  std::string problem;
  if (auto* text = std::get_if<std::string>(&read)) {
    problem = std::move(*text);
  } else {
    problem = problem_of(std::get<Json>(read));
  }
  if (problem.empty()) return std::get<Json>(std::move(read));
  throw InputError(fmt::format("{}: damaged: what is stored of point {} is no report: {}",
                               (store.folder() / "results.sqlite").string(), printable(result.key, 12),
                               printable(problem, 240)));
}

}  // namespace capcam

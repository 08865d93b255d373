// SPDX-License-Identifier: Apache-2.0
#include "cost/cards/card_file.h"

namespace capcam {

void check_provenance(const Provenance& provenance, std::vector<std::string>& problems) {
  if (provenance.module.empty()) problems.push_back("module: must not be empty");
  if (provenance.source.empty()) problems.push_back("source: must not be empty: a number without a source is refused");
}

std::vector<std::string> in_file(const std::filesystem::path& file, const TomlReader& reader,
                                 const std::vector<std::string>& problems) {
  std::vector<std::string> lines;
  for (const std::string& problem : problems) {
    const std::string key = problem.substr(0, problem.find(':'));
    const std::string place = reader.place(key);
    if (place != key) {
      lines.push_back(place + problem.substr(key.size()));
    } else if (key != "source" && key != "module" && key != "component" &&
               key != "unit") {  // their absence is reported
      lines.push_back(file.string() + ": " + problem);
    }
  }
  return lines;
}

}  // namespace capcam

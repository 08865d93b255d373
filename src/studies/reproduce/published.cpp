// SPDX-License-Identifier: Apache-2.0
#include "studies/reproduce/published.h"

#include "config/toml_reader.h"

namespace capcam::reproduce {

std::vector<PublishedTable> read_published(const std::filesystem::path& file, const std::vector<Wanted>& wanted) {
  TomlReader reader(file);
  std::vector<PublishedTable> tables;
  for (const Wanted& want : wanted) {
    PublishedTable& table = tables.emplace_back();
    table.id = want.table;
    table.figures.ids = want.figures;
    reader.section(want.table, table);
  }
  reader.finish();
  return tables;
}

}  // namespace capcam::reproduce

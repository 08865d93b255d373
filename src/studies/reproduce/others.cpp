// SPDX-License-Identifier: Apache-2.0
#include "studies/reproduce/others.h"

#include "config/toml_reader.h"
#include "core/resources.h"

namespace capcam::reproduce {

Others read_others() {
  TomlReader reader(find_resource("models/published/others.toml"));
  Others others;
  Others::describe(reader, others);
  reader.finish();
  return others;
}

}  // namespace capcam::reproduce

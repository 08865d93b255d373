// SPDX-License-Identifier: Apache-2.0
#include "workload/model_shapes.h"

#include <fmt/format.h>

#include <algorithm>

#include "capcam/error.h"
#include "config/toml_reader.h"
#include "config/toml_tree.h"
#include "core/nearest.h"
#include "core/resources.h"

namespace capcam {

std::vector<ModelShape> read_model_shapes(const std::filesystem::path& file) {
  std::vector<ModelShape> shapes;
  TomlReader reader(file);
  for (const TomlNode& node : read_toml_tree(file, {}).root.children) {
    ModelShape& shape = shapes.emplace_back();
    shape.name = node.name;
    reader.section(node.name, shape);
    if (shape.kv_heads == 0) shape.kv_heads = shape.heads;
    if (shape.value_dim == 0) shape.value_dim = shape.head_dim;
    if (shape.heads % std::max<std::uint64_t>(1, shape.kv_heads) != 0)
      reader.problem({node.name + ".kv_heads"}, fmt::format("{}.kv_heads ({}) does not divide heads ({})", node.name,
                                                            shape.kv_heads, shape.heads));
    if (shape.audio_s > 0.0 && shape.tokens_per_s > 0.0)
      reader.problem({node.name + ".tokens_per_s"},
                     fmt::format("{}: audio_s and tokens_per_s are two budgets: give one", node.name));
  }
  reader.finish();
  return shapes;
}

ModelShape find_model_shape(const std::string& name) {
  std::vector<ModelShape> shapes = read_model_shapes(find_resource("traces/model_shapes.toml"));
  std::vector<std::string> help;
  std::vector<std::string> names;
  for (ModelShape& shape : shapes) {
    if (shape.name == name) return std::move(shape);
    names.push_back(shape.name);
  }
  if (const auto meant = nearest(name, names)) help.push_back(fmt::format("did you mean {}?", *meant));
  for (const ModelShape& shape : shapes) help.push_back(fmt::format("{:<22} {}", shape.name, shape.text));
  throw InputError(fmt::format("there is no model shape {}", name), help);
}

}  // namespace capcam

// Shapes of models; an input without a line break is also asked for as the name of a shipped one.
// SPDX-License-Identifier: Apache-2.0
#include "input.h"
#include "workload/model_shapes.h"

using namespace capcam;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  if (size < 32 && text.find('\n') == text.npos) {
    if (fuzz::accepts([&] { fuzz::require(find_model_shape(std::string(text)).name == text, "the shape asked for"); }))
      return 0;
  }
  const std::filesystem::path file = fuzz::written("shapes.toml", text);
  fuzz::accepts([&] {
    for (const ModelShape& shape : read_model_shapes(file)) {
      fuzz::require(shape.heads > 0 && shape.kv_heads > 0 && shape.queries > 0 && shape.keys > 0, "sizes are given");
      fuzz::require(shape.heads % shape.kv_heads == 0, "key/value heads are shared evenly");
    }
  });
  return 0;
}

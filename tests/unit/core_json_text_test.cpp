// SPDX-License-Identifier: Apache-2.0
#include "core/json_text.h"

#include <fmt/format.h>

#include "support/catch.h"

using namespace capcam;

namespace {

std::string object_of(int members) {
  std::string text = "{";
  for (int i = 0; i < members; ++i) text += fmt::format("{}\"{}\":{{\":\":0}}", i == 0 ? "" : ",", i);
  return text + "}";
}

}  // namespace

TEST_CASE("an object that keeps its order has at most 10000 members, those of its members counted") {
  CHECK(std::get<nlohmann::ordered_json>(read_json(object_of(5000))).size() == 5000);
  CHECK(std::get<std::string>(read_json(object_of(5001))) == "expected at most 10000 members of objects, got 10002");
  CHECK(std::get<nlohmann::json>(read_json<nlohmann::json>(object_of(5001))).size() == 5001);
}

TEST_CASE("JSON nests up to 64 deep") {
  const auto nested = [](int depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(std::holds_alternative<nlohmann::ordered_json>(read_json(nested(64))));
  CHECK(std::get<std::string>(read_json(nested(65))) == "nested more than 64 deep");
}

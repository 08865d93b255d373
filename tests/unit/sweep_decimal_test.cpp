// SPDX-License-Identifier: Apache-2.0
// Ranges are decimal numbers as they are written.
#include "studies/sweep/file/decimal.h"

#include "config/toml_depth.h"
#include "studies/sweep/file/axis_values.h"
#include "support/catch.h"

namespace capcam::testing {
namespace {

TomlNode number(const std::string& name, double value) {
  TomlNode node;
  node.name = name;
  node.value = value;
  return node;
}

std::vector<double> range(double from, double to, const std::string& how, double by) {
  TomlNode node;
  node.value = TomlTable{};
  node.children = {number("from", from), number("to", to), number(how, by)};
  std::vector<double> values;
  for (const TomlNode& value : axis_values(node, 1000).values) values.push_back(std::get<double>(value.value));
  CHECK(count_axis_values(node) == static_cast<double>(values.size()));
  return values;
}

}  // namespace

TEST_CASE("the steps of a range are the numbers that one would write") {
  CHECK(range(0.1, 0.5, "step", 0.1) == std::vector<double>{0.1, 0.2, 0.3, 0.4, 0.5});
  CHECK(range(0.2, 1.0, "step", 0.2) == std::vector<double>{0.2, 0.4, 0.6, 0.8, 1.0});
  CHECK(range(-0.3, 0.3, "step", 0.3) == std::vector<double>{-0.3, 0.0, 0.3});
  CHECK(range(1e-3, 5e-3, "step", 2e-3) == std::vector<double>{0.001, 0.003, 0.005});
  CHECK(range(0.1, 1000.0, "factor", 10.0) == std::vector<double>{0.1, 1.0, 10.0, 100.0, 1000.0});
  CHECK(range(0.7, 2.8, "factor", 2.0) == std::vector<double>{0.7, 1.4, 2.8});
}

TEST_CASE("a number of more digits than anyone writes is stepped as it is") {
  const double third = 1.0 / 3.0;
  CHECK_FALSE(decimal_of(third));
  CHECK(range(0.0, 1.0, "step", third) == std::vector<double>{0.0, third, 2.0 * third, 1.0});
}

TEST_CASE("the depth of a TOML text counts names and brackets, not dots in texts and comments") {
  CHECK(toml_depth("a = 1.5\nb = 2\n") <= 2);
  CHECK(toml_depth("[a.b.c]\n") == 4);
  CHECK(toml_depth("a.\"b.b.b\".c = 1") == 3);
  CHECK(toml_depth("# a.a.a.a.a.a.a\n") == 1);
  CHECK(toml_depth("x = '''\na.a.a.a.a\n''' # y") <= 2);
  CHECK(toml_depth("x = \"\"\"\\\"\"\" a.a.a.a \"\"\"") <= 2);
  CHECK(toml_depth("x = [[[1]]]") == 4);
  CHECK(toml_depth("a" + std::string(1000, '.')) == 1001);
}

}  // namespace capcam::testing

// A struct lists its fields once. Params and stats are plain aggregates with one static member template,
//
//   static void describe(auto& v, auto& self) {
//     v.field("rows", self.rows, {.min = 1, .max = 4096, .unit = "rows", .doc = "CAM rows of one array"});
//     v.choice("format", self.format, number_formats, {.doc = "rounding of values"});
//     v.choice("kind", self.kind, converter_kinds(), {.doc = "how a matchline is read"});
//     v.section("sensing", self.sensing);
//   }
//
// and visitors do the rest: read a file, check ranges, write the resolved config, print `capcam explain`, write JSON,
// CSV and tables, add up counters.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace capcam {

// The description of a field. `min` and `max` are inclusive; `above` is an exclusive lower bound.
template <class T>
struct Spec {
  std::optional<T> min{};
  std::optional<T> max{};
  std::optional<T> above{};
  std::string_view unit{};
  std::string_view doc{};
  bool required = false;
};

// One value of an enumeration as users write it.
template <class E>
struct Choice {
  E value;
  std::string_view name;
  std::string_view doc;
};

// One value of a key whose values are registered by name. Its field is a string.
struct Named {
  std::string name;
  std::string doc;
};

}  // namespace capcam

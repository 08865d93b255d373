// SPDX-License-Identifier: Apache-2.0
#include "report/figures.h"

#include <algorithm>
#include <optional>
#include <set>

#include "capcam/config.h"
#include "support/catch.h"

using namespace capcam;

namespace {

// Every key of a configuration with its unit.
struct Units {
  template <class T>
  void field(std::string_view name, const T&, const std::type_identity_t<Spec<T>>& spec) {
    list.emplace_back(std::string(name), std::string(spec.unit));
  }
  void derived(std::string_view name, const std::optional<double>&, const Spec<double>& spec) {
    list.emplace_back(std::string(name), std::string(spec.unit));
  }
  void choice(std::string_view, const std::string&, const std::vector<Named>&, const Spec<std::string>& = {}) {}
  template <class E, std::size_t N>
  void choice(std::string_view, const E&, const Choice<E> (&)[N], const std::type_identity_t<Spec<E>>& = {}) {}
  template <class S>
  void section(std::string_view, const S& params) {
    S::describe(*this, params);
  }
  std::vector<std::pair<std::string, std::string>> list;
};

}  // namespace

TEST_CASE("a figure is found by its path, also if names hold dots") {
  const auto json = nlohmann::ordered_json::parse(R"({"a": {"b": 1, "c.d": 2, "c": {"e": 3}}, "a.f": 4, "list": [1]})");
  CHECK(*find_figure(json, "a.b") == 1);
  CHECK(*find_figure(json, "a.c.d") == 2);
  CHECK(*find_figure(json, "a.c.e") == 3);
  CHECK(*find_figure(json, "a.f") == 4);
  CHECK(find_figure(json, "a.g") == nullptr);
  CHECK(find_figure(json, "a.b.c") == nullptr);
  Figures flat = flat_figures(json);
  CHECK(flat.size() == 4);  // no list
  for (const auto& [name, value] : flat) CHECK(*find_figure(json, name) == value);
}

TEST_CASE("physical units are in the names of the columns: a key says V, fF, GHz, KiB or what it is counted in") {
  const std::set<std::string> in_name = {"GHz", "V",    "mV",  "degC", "fF",   "pA",    "ns",
                                         "fC",  "kOhm", "LSB", "KiB",  "GB/s", "cycles"};
  const auto spelled = [](const std::string& unit) {
    if (unit == "degC") return std::string("_c");
    if (unit == "GB/s") return std::string("_gb_s");
    std::string text = "_" + unit;
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    return text;
  };
  Units units;
  const Config config;
  Config::describe(units, config);
  int checked = 0;
  for (const auto& [name, unit] : units.list) {
    if (!in_name.contains(unit)) continue;
    CAPTURE(name, unit);
    CHECK((name.ends_with(spelled(unit)) || name.find(spelled(unit) + "_per_") != std::string::npos));
    ++checked;
  }
  CHECK(checked > 30);
}

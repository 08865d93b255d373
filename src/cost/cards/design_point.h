// The design a card describes, as some keys of the configuration and of the trace's shape. For any other design the
// card's numbers are used unscaled, and the report says so.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "capcam/config.h"
#include "capcam/trace.h"

namespace capcam {

struct DesignPoint {
  std::map<std::string, double> numbers;     // numbers by dotted key; NaN if the card does not state it
  std::map<std::string, std::string> words;  // choices by dotted key; empty if the card does not state it
  static void describe(auto& v, auto& d);
};

// Returns one text ("array.rows is 32 instead of 16") per stated key that differs. Without a shape, keys of the trace
// are not compared.
std::vector<std::string> differences(const DesignPoint& stated, const Config& config, const TraceShape* shape);

namespace detail {

// Asks a reader for every number and choice of Config; none is required.
template <class V>
struct DesignAsker {
  V& v;
  DesignPoint& point;
  std::string section_name;

  template <class T>
  void field(std::string_view name, T&, const std::type_identity_t<Spec<T>>&) {
    if constexpr (std::is_same_v<T, std::string>) {
      ask_word(name);
    } else if constexpr (!std::is_same_v<T, bool>) {
      ask_number(name);
    }
  }
  void derived(std::string_view name, std::optional<double>&, const Spec<double>&) { ask_number(name); }
  template <class E, std::size_t N>
  void choice(std::string_view name, E&, const Choice<E> (&)[N], const std::type_identity_t<Spec<E>>& = {}) {
    ask_word(name);
  }
  void choice(std::string_view name, std::string&, const std::vector<Named>&, const Spec<std::string>& = {}) {
    ask_word(name);
  }
  template <class S>
  void section(std::string_view name, S& params) {
    Section<S> section{point, std::string(name), params};
    v.section(name, section);
  }

  void ask_number(std::string_view name) {
    const std::string key = section_name + "." + std::string(name);
    double& number = point.numbers.emplace(key, std::numeric_limits<double>::quiet_NaN()).first->second;
    v.field(name, number, Spec<double>{});
  }
  void ask_word(std::string_view name) {
    v.field(name, point.words[section_name + "." + std::string(name)], Spec<std::string>{});
  }

  template <class S>
  struct Section {
    DesignPoint& point;
    std::string name;
    S& params;
    static void describe(auto& v, auto& self) {
      DesignAsker<std::remove_reference_t<decltype(v)>> asker{v, self.point, self.name};
      S::describe(asker, self.params);
    }
  };
};

// The dimensions of a trace that the sizes of blocks depend on.
struct ShapeParams {
  std::uint64_t head_dim = 0;
  std::uint64_t value_dim = 0;
  static void describe(auto& v, auto& p) {
    v.field("head_dim", p.head_dim, {});
    v.field("value_dim", p.value_dim, {});
  }
};

}  // namespace detail

void DesignPoint::describe(auto& v, auto& d) {
  detail::DesignAsker<std::remove_reference_t<decltype(v)>> asker{v, d, ""};
  Config config;
  Config::describe(asker, config);
  detail::ShapeParams shape;
  asker.section("trace", shape);
}

}  // namespace capcam

// SPDX-License-Identifier: Apache-2.0
#include "config/writer.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

namespace capcam {
namespace {

// Returns the name of the value, as users write it.
template <class E, std::size_t N>
std::string name_of(E value, const Choice<E> (&options)[N]) {
  for (const Choice<E>& option : options) {
    if (option.value == value) return std::string(option.name);
  }
  return "";
}

class JsonWriter {
 public:
  template <class T>
  void field(std::string_view name, const T& value, const std::type_identity_t<Spec<T>>&) {
    if constexpr (std::is_same_v<T, double>) {
      if (std::isinf(value)) {  // JSON has no infinity
        at(name) = value > 0.0 ? "inf" : "-inf";
        return;
      }
    }
    at(name) = value;
  }

  void derived(std::string_view name, const std::optional<double>& value, const Spec<double>&) {
    at(name) = value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json("auto");
  }

  template <class E, std::size_t N>
  void choice(std::string_view name, const E& value, const Choice<E> (&options)[N],
              const std::type_identity_t<Spec<E>>& = {}) {
    at(name) = name_of(value, options);
  }

  void choice(std::string_view name, const std::string& value, const std::vector<Named>&,
              const Spec<std::string>& = {}) {
    at(name) = value;
  }

  template <class S>
  void section(std::string_view name, const S& params) {
    JsonWriter inner;
    S::describe(inner, params);
    at(name) = std::move(inner.json_);
  }

  nlohmann::ordered_json take() { return std::move(json_); }

 private:
  nlohmann::ordered_json& at(std::string_view name) { return json_[std::string(name)]; }

  nlohmann::ordered_json json_ = nlohmann::ordered_json::object();
};

std::string toml_text(bool value) { return value ? "true" : "false"; }
std::string toml_text(std::uint32_t value) { return fmt::format("{}", value); }

// Returns the shortest text that reads back as the same double, and never as an integer.
std::string toml_text(double value) {
  std::string text = fmt::format("{}", value);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

std::string toml_text(const std::string& value) {
  std::string text = "\"";
  for (const char letter : value) {
    const auto code = static_cast<unsigned char>(letter);
    if (letter == '"' || letter == '\\') {
      text += '\\';
      text += letter;
    } else if (code < 0x20 || code == 0x7f) {
      text += fmt::format("\\u{:04x}", code);
    } else {
      text += letter;
    }
  }
  return text + '"';
}

class TomlWriter {
 public:
  template <class T>
  void field(std::string_view name, const T& value, const std::type_identity_t<Spec<T>>& spec) {
    std::string comment(spec.unit);
    if (!spec.doc.empty()) comment += (comment.empty() ? "" : "; ") + std::string(spec.doc);
    line(name, toml_text(value), comment);
  }

  void derived(std::string_view name, const std::optional<double>& value, const Spec<double>& spec) {
    line(name, value ? toml_text(*value) : toml_text(std::string("auto")),
         fmt::format("auto or {}; {}", spec.unit, spec.doc));
  }

  template <class E, std::size_t N>
  void choice(std::string_view name, const E& value, const Choice<E> (&options)[N],
              const std::type_identity_t<Spec<E>>& spec = {}) {
    std::string names;
    for (const Choice<E>& option : options) names += (names.empty() ? "" : " / ") + std::string(option.name);
    line(name, toml_text(name_of(value, options)), fmt::format("{}; {}", names, spec.doc));
  }

  void choice(std::string_view name, const std::string& value, const std::vector<Named>& options,
              const Spec<std::string>& spec = {}) {
    std::string names;
    for (const Named& option : options) names += (names.empty() ? "" : " / ") + option.name;
    line(name, toml_text(value), fmt::format("{}; {}", names, spec.doc));
  }

  template <class S>
  void section(std::string_view name, const S& params) {
    text_ += fmt::format("{}[{}]\n", text_.empty() ? "" : "\n", name);
    S::describe(*this, params);
  }

  std::string take() { return std::move(text_); }

 private:
  void line(std::string_view name, const std::string& value, const std::string& comment) {
    text_ += fmt::format("{} = {}{}{}\n", name, value, comment.empty() ? "" : "  # ", comment);
  }

  std::string text_;
};

}  // namespace

nlohmann::ordered_json config_to_json(const Config& config) {
  JsonWriter writer;
  Config::describe(writer, config);
  return writer.take();
}

std::string config_to_toml(const Config& config) {
  TomlWriter writer;
  Config::describe(writer, config);
  return writer.take();
}

}  // namespace capcam

// SPDX-License-Identifier: Apache-2.0
#include "config/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "capcam/config.h"
#include "capcam/error.h"
#include "config/range_text.h"
#include "core/nearest.h"

namespace capcam {
namespace {

constexpr const char* extends_text =
    "A file holds the keys it changes. extends = \"physical-65nm\" above its first section names what it changes: a "
    "file,\n"
    "relative to it, or else a shipped configuration. Without, it changes the published design.\n";

struct Option {
  std::string name;
  std::string doc;
};

struct Key {
  Key(std::string_view in_section, std::string_view key_name, std::string_view text)
      : section(in_section), name(key_name), doc(text) {}

  std::string section;
  std::string name;
  std::string default_value;
  std::string values;  // has the range without its unit, or the choices
  std::string unit;
  std::string doc;
  std::vector<Option> options;

  std::string dotted() const { return section + "." + name; }
};

template <class T>
std::string type_text() {
  if constexpr (std::is_same_v<T, bool>) return "true / false";
  if constexpr (std::is_same_v<T, std::string>) return "a string";
  return "any number";
}

// Lists every field of a default Config.
class KeyLister {
 public:
  template <class T>
  void field(std::string_view name, const T& value, const std::type_identity_t<Spec<T>>& spec) {
    Spec<T> without_unit = spec;
    without_unit.unit = {};
    Key key(section_, name, spec.doc);
    key.unit = spec.unit;
    key.default_value = fmt::format("{}", value);
    if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) key.values = range_text(without_unit);
    if (key.values.empty()) key.values = type_text<T>();
    keys_.push_back(std::move(key));
  }

  void derived(std::string_view name, const std::optional<double>& value, const Spec<double>& spec) {
    field(name, value.value_or(0.0), spec);
    if (!value) keys_.back().default_value = "auto";
    keys_.back().values = "auto or " + keys_.back().values;
  }

  template <class E, std::size_t N>
  void choice(std::string_view name, const E& value, const Choice<E> (&options)[N],
              const std::type_identity_t<Spec<E>>& spec = {}) {
    Key key(section_, name, spec.doc);
    for (const Choice<E>& option : options) {
      if (option.value == value) key.default_value = option.name;
      key.values += (key.values.empty() ? "" : " / ") + std::string(option.name);
      key.options.push_back({std::string(option.name), std::string(option.doc)});
    }
    keys_.push_back(std::move(key));
  }

  void choice(std::string_view name, const std::string& value, const std::vector<Named>& options,
              const Spec<std::string>& spec = {}) {
    Key key(section_, name, spec.doc);
    key.default_value = value;
    for (const Named& option : options) {
      key.values += (key.values.empty() ? "" : " / ") + option.name;
      key.options.push_back({option.name, option.doc});
    }
    keys_.push_back(std::move(key));
  }

  template <class S>
  void section(std::string_view name, const S& params) {
    section_ = name;
    S::describe(*this, params);
  }

  std::vector<Key> take() { return std::move(keys_); }

 private:
  std::string section_;
  std::vector<Key> keys_;
};

std::vector<Key> all_keys() {
  const Config config;
  KeyLister lister;
  Config::describe(lister, config);
  return lister.take();
}

// Writes lines of equal columns, with one heading per section.
std::string table(const std::vector<Key>& keys) {
  std::size_t name_width = 0;
  std::size_t default_width = 0;
  std::size_t values_width = 0;
  const auto values_of = [](const Key& key) { return key.unit.empty() ? key.values : key.values + " " + key.unit; };
  for (const Key& key : keys) {
    name_width = std::max(name_width, key.name.size());
    default_width = std::max(default_width, key.default_value.size());
    values_width = std::max(values_width, values_of(key).size());
  }
  std::string text;
  std::string section;
  for (const Key& key : keys) {
    if (key.section != section) text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", key.section);
    section = key.section;
    text += fmt::format("  {:{}}  {:{}}  {:{}}  {}\n", key.name, name_width, key.default_value, default_width,
                        values_of(key), values_width, key.doc);
  }
  return text;
}

std::string details(const Key& key) {
  std::string text = fmt::format("{}: {}\n", key.dotted(), key.doc);
  if (!key.unit.empty()) text += fmt::format("  unit     {}\n", key.unit);
  text += fmt::format("  values   {}\n", key.values);
  text += fmt::format("  default  {}\n", key.default_value);
  std::size_t width = 0;
  for (const Option& option : key.options) width = std::max(width, option.name.size());
  for (const Option& option : key.options) text += fmt::format("  {:{}}  {}\n", option.name, width, option.doc);
  return text;
}

[[noreturn]] void refuse(std::string_view unknown, const std::vector<Key>& keys) {
  std::vector<std::string> known;
  for (const Key& key : keys) {
    if (std::find(known.begin(), known.end(), key.section) == known.end()) known.push_back(key.section);
    known.push_back(key.dotted());
  }
  std::string text = fmt::format("there is no key or section \"{}\"", unknown);
  if (const auto meant = nearest_keys(unknown, known); !meant.empty()) {
    text += fmt::format(", did you mean {}?", quoted_choice(meant));
  } else {
    text += "; without a key, capcam explain lists them all";
  }
  throw InputError(text);
}

}  // namespace

std::string explain(std::string_view key_or_section) {
  const std::vector<Key> keys = all_keys();
  if (key_or_section.empty()) return table(keys) + "\n" + extends_text;
  if (key_or_section == "extends") return extends_text;
  std::vector<Key> in_section;
  std::vector<Key> same_name;
  for (const Key& key : keys) {
    if (key.dotted() == key_or_section) return details(key);
    if (key.section == key_or_section) in_section.push_back(key);
    if (key.name == key_or_section) same_name.push_back(key);
  }
  if (!in_section.empty()) return table(in_section);
  if (same_name.size() == 1) return details(same_name.front());
  refuse(key_or_section, keys);
}

}  // namespace capcam

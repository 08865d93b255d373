// SPDX-License-Identifier: Apache-2.0
#include "config/toml_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "capcam/error.h"
#include "config/moved_keys.h"
#include "config/range_text.h"
#include "config/toml_tree.h"
#include "core/nearest.h"

namespace capcam {
namespace {

// Returns the text quoted and escaped, so that no file can play with the terminal. A long text is cut.
std::string quoted_text(std::string_view text) {
  constexpr std::size_t limit = 60;
  const std::string cut = text.size() > limit ? std::string(text.substr(0, limit)) + "..." : std::string(text);
  std::string result = nlohmann::json(cut).dump(-1, ' ', false, nlohmann::json::error_handler_t::ignore);
  for (std::size_t at; (at = result.find('\x7f')) != std::string::npos;) result.replace(at, 1, "\\u007f");
  return result;
}

// As in TOML, a name of letters, digits, _ and - needs no quotes.
std::string bare_or_quoted(std::string_view name) {
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
  return bare ? std::string(name) : quoted_text(name);
}

std::string number_text(double number) {
  std::string text = fmt::format("{}", number);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";  // 16.0 is not 16
  return text;
}

std::string got(const TomlNode& node) {
  struct Text {
    std::string operator()(TomlTable) const { return "a table"; }
    std::string operator()(TomlArray) const { return "an array"; }
    std::string operator()(bool flag) const { return flag ? "true" : "false"; }
    std::string operator()(std::int64_t number) const { return fmt::format("{}", number); }
    std::string operator()(double number) const { return number_text(number); }
    std::string operator()(const std::string& text) const { return quoted_text(text); }
    std::string operator()(TomlOther other) const { return std::string(other.name); }
  };
  return std::visit(Text{}, node.value);
}

std::string join(std::string_view section, std::string_view name) {
  return section.empty() ? std::string(name) : fmt::format("{}.{}", section, name);
}

std::string with_range(std::string_view type, const std::string& range) {
  return range.empty() ? std::string(type) : fmt::format("{}, {}", type, range);
}

}  // namespace

constexpr std::size_t most_unknown = 1000;  // problems of unknown keys, each of which is compared with all known keys

struct TomlReader::State {
  struct Problem {
    TomlPlace place;
    std::string text;
  };
  struct Level {
    std::string section;  // dotted
    TomlNode* node;       // null if the section is not given
  };

  State(const std::filesystem::path& path, TomlTree given)
      : file(path), tree(std::move(given)), levels{{"", &tree.root}} {
    for (auto& [place, text] : tree.wrong_sets) problems.push_back({place, std::move(text)});
  }

  std::filesystem::path file;
  TomlTree tree;
  std::vector<Level> levels;
  std::vector<std::string> known;     // every key and section that was asked for
  std::vector<std::string> refusals;  // keys whose value was refused
  std::vector<Problem> problems;

  // Returns the value of a field, or null if it is not given.
  const TomlNode* take(std::string_view name, bool required) {
    const Level& level = levels.back();
    known.push_back(join(level.section, name));
    TomlNode* node = level.node == nullptr ? nullptr : level.node->find(name);
    if (node != nullptr) {
      node->used = true;
    } else if (required) {
      add(nearest_table(known.back()).place, known.back(), "required, but not given");
    }
    return node;
  }

  void add(const TomlPlace& place, std::string_view key, std::string_view text) {
    problems.push_back({place, fmt::format("{}: {}: {}", tree.place_text(place), key, text)});
  }

  void refuse(const TomlNode& node, std::string_view expected, const std::optional<std::string>& meant = {}) {
    refusals.push_back(known.back());
    add(node.place, known.back(),
        fmt::format("expected {}, got {}{}", expected, got(node),
                    meant ? fmt::format(", did you mean \"{}\"?", *meant) : ""));
  }

  template <class T>
  void read_unsigned(std::string_view name, T& out, const Spec<T>& spec) {
    const TomlNode* node = take(name, spec.required);
    if (node == nullptr) return;
    Spec<T> bounded = spec;
    if constexpr (sizeof(T) < sizeof(std::int64_t)) {
      if (!bounded.max) bounded.max = std::numeric_limits<T>::max();
    }
    const std::string range = range_text(bounded);
    const std::int64_t* number = std::get_if<std::int64_t>(&node->value);
    if (number == nullptr) return refuse(*node, with_range("a whole number", range));
    if (std::cmp_less(*number, bounded.min.value_or(0)) ||
        (bounded.above && std::cmp_less_equal(*number, *bounded.above)) ||
        (bounded.max && std::cmp_greater(*number, *bounded.max))) {
      return refuse(*node, range);
    }
    out = static_cast<T>(*number);
  }

  // Returns false if the value is refused.
  bool read_number(const TomlNode& node, std::string_view expected, double& out, const Spec<double>& spec) {
    const std::string range = range_text(spec);
    double number = 0.0;
    if (const double* written = std::get_if<double>(&node.value)) {
      number = *written;
    } else if (const std::int64_t* whole = std::get_if<std::int64_t>(&node.value)) {
      number = static_cast<double>(*whole);
    } else if (const auto* text = std::get_if<std::string>(&node.value); text != nullptr && *text == "inf") {
      number = std::numeric_limits<double>::infinity();  // reports write it so, because JSON has no infinity
    } else {
      refuse(node, with_range(expected, range));
      return false;
    }
    // Infinity is for fields that are bounded below and not above: "as much as you like".
    const bool endless = std::isinf(number) && (number < 0.0 || spec.max || (!spec.min && !spec.above));
    if (std::isnan(number) || endless) {
      refuse(node, with_range("a finite number", range));
      return false;
    }
    if ((spec.min && number < *spec.min) || (spec.above && number <= *spec.above) || (spec.max && number > *spec.max)) {
      refuse(node, range);
      return false;
    }
    out = number;
    return true;
  }

  // Returns the node of a dotted key, or null.
  const TomlNode* find(std::string_view key) const {
    const TomlNode* node = &tree.root;
    while (node != nullptr && !key.empty()) {
      const std::size_t dot = key.find('.');
      node = node->find(key.substr(0, dot));
      key = dot == std::string_view::npos ? std::string_view{} : key.substr(dot + 1);
    }
    return node;
  }

  // Returns the innermost table that is given on the way to a key that is not.
  const TomlNode& nearest_table(std::string_view key) const {
    for (std::size_t dot; (dot = key.rfind('.')) != std::string_view::npos;) {
      key = key.substr(0, dot);
      if (const TomlNode* node = find(key)) return *node;
    }
    return tree.root;
  }

  bool is_known(const std::string& key) const { return std::find(known.begin(), known.end(), key) != known.end(); }

  void refuse_unknown(const TomlNode& table, const std::string& section) {
    for (const TomlNode& node : table.children) {
      const std::string key = join(section, bare_or_quoted(node.name));
      if (node.used) continue;
      if (problems.size() > most_unknown) return;
      if (is_known(key)) {  // it is a section; one that is no table has been refused already
        refuse_unknown(node, key);
      } else {
        add(node.key_place, key, unknown_text(join(section, node.name), section));
      }
    }
  }

  std::string unknown_text(const std::string& key, const std::string& section) const {
    if (const std::string_view moved = moved_key(key); !moved.empty()) return fmt::format("no key any more: {}", moved);
    std::vector<std::string> meant = nearest_keys(key, known);
    const std::string prefix = section.empty() ? "" : section + ".";
    if (!meant.empty()) {
      for (std::string& name : meant) {
        if (name.starts_with(prefix)) name.erase(0, prefix.size());  // a neighbour is told by its last name
      }
      return fmt::format("unknown key, did you mean {}?", quoted_choice(meant));
    }
    std::string names;
    for (const std::string& name : known) {
      if (!name.starts_with(prefix) || name.find('.', prefix.size()) != std::string::npos) continue;
      names += (names.empty() ? "" : ", ") + name.substr(prefix.size());
    }
    return fmt::format("unknown key; {} {}", section.empty() ? "known are" : section + " has", names);
  }
};

TomlReader::TomlReader(const std::filesystem::path& file, const std::vector<std::string>& sets)
    : TomlReader(file, read_toml_tree(file, sets)) {}

TomlReader::TomlReader(const std::filesystem::path& file, TomlTree tree)
    : state_(std::make_unique<State>(file, std::move(tree))) {}

TomlReader::~TomlReader() = default;

void TomlReader::field(std::string_view name, bool& out, const Spec<bool>& spec) {
  const TomlNode* node = state_->take(name, spec.required);
  if (node == nullptr) return;
  const bool* flag = std::get_if<bool>(&node->value);
  if (flag == nullptr) return state_->refuse(*node, "true or false");
  out = *flag;
}

void TomlReader::field(std::string_view name, std::uint32_t& out, const Spec<std::uint32_t>& spec) {
  state_->read_unsigned(name, out, spec);
}

void TomlReader::field(std::string_view name, std::uint64_t& out, const Spec<std::uint64_t>& spec) {
  state_->read_unsigned(name, out, spec);
}

void TomlReader::field(std::string_view name, double& out, const Spec<double>& spec) {
  if (const TomlNode* node = state_->take(name, spec.required)) state_->read_number(*node, "a number", out, spec);
}

void TomlReader::derived(std::string_view name, std::optional<double>& out, const Spec<double>& spec) {
  const TomlNode* node = state_->take(name, spec.required);
  if (node == nullptr) return;
  const auto* text = std::get_if<std::string>(&node->value);
  if (text != nullptr && *text == "auto") return out.reset();
  double number = 0.0;
  if (state_->read_number(*node, "auto or a number", number, spec)) out = number;
}
void TomlReader::field(std::string_view name, std::string& out, const Spec<std::string>& spec) {
  const TomlNode* node = state_->take(name, spec.required);
  if (node == nullptr) return;
  const std::string* text = std::get_if<std::string>(&node->value);
  if (text == nullptr) return state_->refuse(*node, "a string");
  out = *text;
}

int TomlReader::pick(std::string_view name, const std::vector<std::string_view>& names, bool required) {
  const TomlNode* node = state_->take(name, required);
  if (node == nullptr) return -1;
  const std::string* text = std::get_if<std::string>(&node->value);
  const auto found = text == nullptr ? names.end() : std::find(names.begin(), names.end(), *text);
  if (found == names.end()) {
    state_->refuse(
        *node, fmt::format("one of {}", fmt::join(names, ", ")),
        text == nullptr ? std::nullopt : nearest(*text, std::vector<std::string>(names.begin(), names.end())));
    return -1;
  }
  return static_cast<int>(std::distance(names.begin(), found));
}

void TomlReader::enter(std::string_view name) {
  const State::Level& level = state_->levels.back();
  const std::string section = join(level.section, name);
  state_->known.push_back(section);
  TomlNode* node = level.node == nullptr ? nullptr : level.node->find(name);
  if (node != nullptr && !node->is_table()) {
    state_->refuse(*node, fmt::format("a section [{}]", section));
    node = nullptr;
  }
  state_->levels.push_back({section, node});
}

void TomlReader::leave() { state_->levels.pop_back(); }

std::string TomlReader::place(std::string_view dotted_key) const {
  const TomlNode* node = state_->find(dotted_key);
  if (node == nullptr || node == &state_->tree.root) return std::string(dotted_key);
  return fmt::format("{}: {}", state_->tree.place_text(node->place), dotted_key);
}

bool TomlReader::refused(std::string_view dotted_key) const {
  return std::any_of(state_->refusals.begin(), state_->refusals.end(), [&](const std::string& refusal) {
    return dotted_key == refusal || (dotted_key.starts_with(refusal) && dotted_key[refusal.size()] == '.');
  });
}

void TomlReader::problem(const std::vector<std::string>& dotted_keys, std::string_view text) {
  TomlPlace place;
  for (const std::string& key : dotted_keys) {
    const TomlNode* node = state_->find(key);
    if (node == nullptr) continue;
    place = node->place;
    break;
  }
  state_->problems.push_back({place, fmt::format("{}: {}", state_->tree.place_text(place), text)});
}

void TomlReader::finish(const std::vector<std::string>& more) {
  state_->refuse_unknown(state_->tree.root, "");
  std::vector<State::Problem>& problems = state_->problems;
  std::stable_sort(problems.begin(), problems.end(),
                   [](const State::Problem& a, const State::Problem& b) { return a.place < b.place; });
  std::vector<std::string> texts;
  for (const State::Problem& problem : problems) texts.push_back(problem.text);
  texts.insert(texts.end(), more.begin(), more.end());
  if (!texts.empty()) throw configuration_error(state_->file, std::move(texts));
}

}  // namespace capcam

// SPDX-License-Identifier: Apache-2.0
#include "config/toml_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <toml++/toml.h>
#include <algorithm>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "config/shipped.h"
#include "config/toml_depth.h"
#include "core/read_file.h"

namespace capcam {
namespace {

TomlPlace place_of(const toml::source_region& region, std::size_t source) {
  return {.source = source, .line = region.begin.line, .column = region.begin.column};
}

std::string_view name_of(toml::node_type type) {
  switch (type) {
    case toml::node_type::date:
      return "a date";
    case toml::node_type::time:
      return "a time";
    case toml::node_type::date_time:
      return "a date and time";
    default:
      return "a value";
  }
}

TomlNode node_of(std::string_view name, const TomlPlace& key_place, const toml::node& node, std::size_t source) {
  TomlNode result;
  result.name = name;
  result.key_place = key_place;
  result.place = place_of(node.source(), source);
  if (const toml::table* table = node.as_table()) {
    result.value = TomlTable{};
    if (!table->is_inline() && result.place.line != 0) result.key_place = result.place;  // a header's "["
    for (const auto& [key, child] : *table) {
      result.children.push_back(node_of(key.str(), place_of(key.source(), source), child, source));
    }
  } else if (const toml::array* array = node.as_array()) {
    result.value = TomlArray{};
    for (const toml::node& child : *array)
      result.children.push_back(node_of("", place_of(child.source(), source), child, source));
  } else if (const auto* boolean = node.as_boolean()) {
    result.value = boolean->get();
  } else if (const auto* integer = node.as_integer()) {
    result.value = integer->get();
  } else if (const auto* number = node.as_floating_point()) {
    result.value = number->get();
  } else if (const auto* text = node.as_string()) {
    result.value = text->get();
  } else {
    result.value = TomlOther{name_of(node.type())};
  }
  return result;
}

constexpr std::size_t most_bytes = std::size_t{16} << 20;  // bytes of a file, at most
constexpr std::size_t deepest = 64;
constexpr std::size_t most_problems = 100;  // the syntax errors that are told

// Throws toml::parse_error, or a std::string that says so if the text nests too deeply.
toml::table parsed(std::string_view text) {
  if (toml_depth(text) > deepest) throw fmt::format("nested more than {} deep", deepest);
  // One version of the parser fails an assertion where a text ends with a bracket.
  return text.ends_with('[') ? toml::parse(std::string(text) + '\n') : toml::parse(text);
}

class TreeReader {
 public:
  TreeReader(const std::filesystem::path& file, const std::vector<std::string>& sets) {
    tree_.root = read_layer(file, nullptr);
    for (const std::string& set : sets) merge_set(set);
    if (!problems_.empty()) {  // the keys are not known then
      for (auto& [place, problem] : tree_.wrong_sets) problems_.push_back(std::move(problem));
      throw configuration_error(file, std::move(problems_));
    }
  }

  TomlTree take() { return std::move(tree_); }

 private:
  // `extends` is the key that asked for the file, or null.
  TomlNode read_layer(const std::filesystem::path& file, const TomlNode* extends) {
    const std::size_t source = tree_.sources.size();
    tree_.sources.push_back(file.string());
    const auto [text, reason] = read_file(file, most_bytes);
    if (!reason.empty()) {
      problems_.push_back(extends == nullptr ? fmt::format("{}: cannot be read: {}", file.string(), reason)
                                             : at(*extends, fmt::format("cannot read {}: {}", file.string(), reason)));
      return {};
    }
    toml::table table;
    try {
      table = parsed(text);
    } catch (const toml::parse_error& error) {
      problems_.push_back(
          fmt::format("{}: {}", tree_.place_text(place_of(error.source(), source)), error.description()));
      return {};
    } catch (const std::string& too_deep) {
      problems_.push_back(fmt::format("{}: {}", file.string(), too_deep));
      return {};
    }
    TomlNode root = node_of("", {}, table, source);
    root.place = {};  // stands for the file as a whole
    return with_base(std::move(root), file);
  }

  // Merges what `node`, the whole of `file`, extends under it.
  TomlNode with_base(TomlNode node, const std::filesystem::path& file) {
    const TomlNode* found = node.find("extends");
    if (found == nullptr) return node;
    const TomlNode extends = *found;
    std::erase_if(node.children, [](const TomlNode& child) { return child.name == "extends"; });
    const std::string* name = std::get_if<std::string>(&extends.value);
    if (name == nullptr || name->empty() || name->find('\0') != std::string::npos) {
      problems_.push_back(
          at(extends, "expected a TOML file, relative to this one, or the name of a shipped configuration"));
      return node;
    }
    std::error_code failed;
    chain_.push_back(file);
    std::filesystem::path base = (file.parent_path() / *name).lexically_normal();
    // A folder is no configuration. Then the shipped configuration of that name is meant.
    if (!std::filesystem::exists(std::filesystem::symlink_status(base, failed)) ||
        std::filesystem::is_directory(base, failed)) {
      const auto shipped = find_shipped_config(*name);
      if (!shipped) {
        problems_.push_back(at(extends, fmt::format("there is no file {} and no shipped configuration {}; {}",
                                                    base.string(), *name, fmt::join(shipped_config_help(*name), " "))));
        return node;
      }
      base = *shipped;
    }
    for (const std::filesystem::path& link : chain_) {
      if (!std::filesystem::equivalent(link, base, failed)) continue;
      std::string circle;
      for (const std::filesystem::path& step : chain_) circle += step.string() + " -> ";
      problems_.push_back(at(extends, "circular: " + circle + base.string()));
      return node;
    }
    TomlNode merged = read_layer(base, &extends);
    merge_toml(merged, std::move(node));
    return merged;
  }

  void merge_set(const std::string& set) {
    const std::size_t source = tree_.sources.size();
    tree_.sources.push_back("--set " + set);
    const std::size_t equals = set.find('=');
    const std::string key = set.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : set.substr(equals + 1);
    if (key.find_first_not_of(" \t") == std::string::npos || value.find_first_not_of(" \t") == std::string::npos ||
        set.find_first_of("\n\r") != std::string::npos) {
      refuse_set("expected KEY=VALUE, for example array.rows=32");
      return;
    }
    toml::table table;
    try {
      table = parsed(set);
    } catch (const toml::parse_error& error) {
      if (!as_word(key, value, table)) {
        refuse_set(error.description());
        return;
      }
    } catch (const std::string& too_deep) {
      tree_.sources.back() = fmt::format("--set {}...", set.substr(0, 40));
      refuse_set(too_deep);
      return;
    }
    if (table.empty()) {  // the value is nothing but a comment
      refuse_set("expected KEY=VALUE, for example array.rows=32");
      return;
    }
    merge_toml(tree_.root, without_lines(node_of("", {}, table, source)));
  }

  void refuse_set(std::string_view reason) {
    const TomlPlace place{.source = tree_.sources.size() - 1};
    tree_.wrong_sets.emplace_back(place, fmt::format("{}: {}", tree_.sources.back(), reason));
  }

  // A bare word that is no TOML value is a string: --set sensing.kind=ideal.
  static bool as_word(const std::string& key, std::string_view value, toml::table& table) {
    value.remove_prefix(value.find_first_not_of(" \t"));
    value = value.substr(0, value.find_last_not_of(" \t") + 1);
    if (value.find_first_of("\"'[]{}") != std::string_view::npos) return false;  // it is a TOML value with a mistake
    try {
      table = parsed(key + "= ''");
    } catch (const toml::parse_error&) {
      return false;
    } catch (const std::string&) {
      return false;
    }
    toml::table* at = &table;
    while (!at->empty() && at->begin()->second.is_table()) at = at->begin()->second.as_table();
    if (at->empty()) return false;
    at->begin()->second.ref<std::string>() = value;
    return true;
  }

  static TomlNode without_lines(TomlNode node) {
    node.key_place.line = node.place.line = 0;
    for (TomlNode& child : node.children) child = without_lines(std::move(child));
    return node;
  }

  std::string at(const TomlNode& node, const std::string& text) const {
    return tree_.place_text(node.place) + ": " + node.name + ": " + text;
  }

  TomlTree tree_;
  std::vector<std::filesystem::path> chain_;  // the files from the first to the one that is being read
  std::vector<std::string> problems_;
};

}  // namespace

const TomlNode* TomlNode::find(std::string_view child) const {
  const auto found = std::find_if(children.begin(), children.end(), [&](const TomlNode& n) { return n.name == child; });
  return found == children.end() ? nullptr : &*found;
}

TomlNode* TomlNode::find(std::string_view child) { return const_cast<TomlNode*>(std::as_const(*this).find(child)); }

void merge_toml(TomlNode& under, TomlNode over) {
  if (!under.is_table() || !over.is_table()) {
    under = std::move(over);
    return;
  }
  if (over.place.line != 0) {
    under.place = over.place;
    under.key_place = over.key_place;
  }
  std::unordered_map<std::string, std::size_t> place_of_name;
  for (std::size_t i = 0; i < under.children.size(); ++i) place_of_name.emplace(under.children[i].name, i);
  for (TomlNode& child : over.children) {
    const auto same = place_of_name.find(child.name);
    if (same != place_of_name.end()) {
      merge_toml(under.children[same->second], std::move(child));
    } else {
      under.children.push_back(std::move(child));
    }
  }
}

std::string TomlTree::place_text(const TomlPlace& place) const {
  if (place.line == 0) return sources[place.source];
  return fmt::format("{}:{}:{}", sources[place.source], place.line, place.column);
}

TomlTree read_toml_tree(const std::filesystem::path& file, const std::vector<std::string>& sets) {
  return TreeReader(file, sets).take();
}

InputError configuration_error(const std::filesystem::path& file, std::vector<std::string> problems) {
  const std::size_t found = problems.size();
  if (found > most_problems) {
    problems.resize(most_problems);
    problems.push_back(fmt::format("and {} more", found - most_problems));
  }
  const std::string count = fmt::format("{} problem{}", found, found == 1 ? "" : "s");
  return {count + " in the configuration " + file.string(), std::move(problems)};
}

}  // namespace capcam

// Reads a TOML file into structs that describe themselves (capcam/describe.h). Collects every problem with file, line,
// column, key, what was expected and what was got; unknown keys are problems and name the nearest known key.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "capcam/describe.h"

namespace capcam {

struct TomlTree;

class TomlReader {
 public:
  // Parses `file`, merges what it `extends` under it and `sets` ("array.rows=32") over it. Throws InputError on syntax
  // errors, missing files, circular `extends`, sets that do not parse.
  explicit TomlReader(const std::filesystem::path& file, const std::vector<std::string>& sets = {});
  // Takes a tree that is already read. The heading of its problems names `file`.
  TomlReader(const std::filesystem::path& file, TomlTree tree);
  ~TomlReader();
  TomlReader(const TomlReader&) = delete;
  TomlReader& operator=(const TomlReader&) = delete;

  void field(std::string_view name, bool& out, const Spec<bool>& spec);
  void field(std::string_view name, std::uint32_t& out, const Spec<std::uint32_t>& spec);
  void field(std::string_view name, std::uint64_t& out, const Spec<std::uint64_t>& spec);
  void field(std::string_view name, double& out, const Spec<double>& spec);
  void field(std::string_view name, std::string& out, const Spec<std::string>& spec);
  // A number, or "auto": it is worked out.
  void derived(std::string_view name, std::optional<double>& out, const Spec<double>& spec);

  template <class E, std::size_t N>
  void choice(std::string_view name, E& out, const Choice<E> (&options)[N],
              const std::type_identity_t<Spec<E>>& spec = {}) {
    std::vector<std::string_view> names;
    for (const Choice<E>& option : options) names.push_back(option.name);
    const int picked = pick(name, names, spec.required);
    if (picked >= 0) out = options[picked].value;
  }

  void choice(std::string_view name, std::string& out, const std::vector<Named>& options,
              const Spec<std::string>& spec = {}) {
    std::vector<std::string_view> names;
    for (const Named& option : options) names.push_back(option.name);
    const int picked = pick(name, names, spec.required);
    if (picked >= 0) out = options[static_cast<std::size_t>(picked)].name;
  }

  template <class S>
  void section(std::string_view name, S& out) {
    enter(name);
    S::describe(*this, out);
    leave();
  }

  // Returns the place of a key for messages about relations: "file:line:column: key", or "key" if it has its default.
  std::string place(std::string_view dotted_key) const;

  // Returns true if the key was given and its value was refused, so that its field still has the default.
  bool refused(std::string_view dotted_key) const;

  // Adds a problem: a relation between these keys that does not hold, at the place of the first key that is given.
  void problem(const std::vector<std::string>& dotted_keys, std::string_view text);

  // Refuses every key that no field asked for. Throws InputError with all problems found so far and `more`.
  void finish(const std::vector<std::string>& more = {});

 private:
  // Returns -1 if the choice is not given or wrong.
  int pick(std::string_view name, const std::vector<std::string_view>& names, bool required);
  void enter(std::string_view name);
  void leave();

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace capcam

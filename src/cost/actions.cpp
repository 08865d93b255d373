// SPDX-License-Identifier: Apache-2.0
#include "cost/actions.h"

namespace capcam {
namespace {

struct ActionLister {
  std::vector<Action> actions;

  void field(std::string_view name, const std::uint64_t& count, const Spec<std::uint64_t>& spec) {
    const std::size_t dot = name.find('.');
    actions.push_back(
        {std::string(name.substr(0, dot)), std::string(name.substr(dot + 1)), spec.unit, spec.doc, count});
  }
};

}  // namespace

std::vector<Action> list_actions(const ActionCounts& counts) {
  ActionLister lister;
  ActionCounts::describe(lister, counts);
  return std::move(lister.actions);
}

}  // namespace capcam

// SPDX-License-Identifier: Apache-2.0
#include "report/provenance.h"

#include <fmt/format.h>

#include <optional>

namespace capcam {
namespace {

nlohmann::ordered_json node(std::optional<double> nm) {
  return nm ? nlohmann::ordered_json(*nm) : nlohmann::ordered_json(nullptr);
}

}  // namespace

nlohmann::ordered_json card_to_json(const ComponentCost& component, const Provenance& from) {
  nlohmann::ordered_json card = {
      {"component", component.name},
      {"card", from.card},
      {"module", from.module},
      {"source", from.source},
      {"technology_nm", node(from.technology_nm > 0.0 ? std::optional(from.technology_nm) : std::nullopt)},
      {"normalized_to_nm", node(component.normalized_to_nm)},
      {"evidence", evidence_name(from.evidence)},
      {"instances", component.instances}};
  if (!from.remark.empty()) card["remark"] = from.remark;
  return card;
}

std::string node_text(const ComponentCost& component, const Provenance& from) {
  const double nm = from.technology_nm;
  std::string text = nm > 0.0 ? fmt::format("{} nm", nm) : "node not stated";
  if (component.normalized_to_nm) text += fmt::format(" brought to {} nm", *component.normalized_to_nm);
  return text;
}

}  // namespace capcam

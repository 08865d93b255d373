// The origin of a card's numbers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "capcam/describe.h"

namespace capcam {

// Kinds of evidence, from most to least trustworthy.
enum class Evidence { silicon, post_layout, synthesis, spice, survey, estimate };
inline constexpr Choice<Evidence> evidences[] = {
    {Evidence::silicon, "silicon", "measured on a chip"},
    {Evidence::post_layout, "post_layout", "simulated with extracted wires"},
    {Evidence::synthesis, "synthesis", "reported by logic synthesis"},
    {Evidence::spice, "spice", "simulated at transistor level, before layout"},
    {Evidence::survey, "survey", "collected from the literature by others"},
    {Evidence::estimate, "estimate", "a model's or an author's estimate, or a source that was not checked"},
};

inline std::string_view evidence_name(Evidence evidence) {
  for (const Choice<Evidence>& choice : evidences) {
    if (choice.value == evidence) return choice.name;
  }
  return "";
}

// The origin of a card's numbers.
struct Provenance {
  std::string card;    // file name without .toml
  std::string module;  // the component as its source calls it
  std::string source;
  double technology_nm = 0.0;  // 0: the source does not state it
  Evidence evidence = Evidence::estimate;
  std::string remark;
  static void describe(auto& v, auto& p) {
    v.field("module", p.module, {.doc = "the component as its source calls it", .required = true});
    v.field("source", p.source, {.doc = "where the numbers were read", .required = true});
    v.field("technology_nm", p.technology_nm,
            {.min = 0.0,
             .max = 10000.0,
             .unit = "nm",
             .doc = "node of the numbers; 0: the source does not state it",
             .required = true});
    v.choice("evidence", p.evidence, evidences, {.doc = "how the numbers were obtained", .required = true});
    v.field("remark", p.remark, {.doc = "what a user of the numbers should know"});
  }
};

}  // namespace capcam

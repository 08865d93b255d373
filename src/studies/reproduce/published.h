// A published table: the figures as printed and the conventions they rest on. All of them stand in
// models/published/*.toml, never as literals in code.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "capcam/describe.h"

namespace capcam::reproduce {

enum class Checked { read, derived, recollection };
inline constexpr Choice<Checked> checked_kinds[] = {
    {Checked::read, "read", "read in the source"},
    {Checked::derived, "derived", "follows by arithmetic from figures that were read"},
    {Checked::recollection, "recollection", "commonly quoted, the source was not checked"},
};

// What a figure of ours is made of, which decides what its agreement says.
enum class Basis { of_table, simulated, priced, arithmetic };
inline constexpr Choice<Basis> basis_kinds[] = {
    {Basis::simulated, "simulated", "the simulator's own: cycles, counts, errors, prices by the library physical"},
    {Basis::priced, "priced", "counted by the simulator, times a price that the published table states"},
    {Basis::arithmetic, "arithmetic", "published constants divided or multiplied by published constants"},
};

struct PublishedFigure {
  std::string text, unit, prefix;  // a prefix is "<" or "about"
  double value = 0.0;
  std::uint32_t decimals = 0;  // printed digits after the point
  Checked checked = Checked::read;
  Basis basis = Basis::of_table;  // of_table: that of its table
  double input_rounding = 0.0;    // how far the rounding of its inputs can move it, beyond half its last digit
  std::string rests_on;           // its own convention, besides the table's
  std::string why;                // the reason why it is not reproduced, or not to its digits
  static void describe(auto& v, auto& f) {
    v.field("text", f.text, {.doc = "what the figure is of", .required = true});
    v.field("published", f.value, {.min = -1e12, .max = 1e12, .doc = "the figure", .required = true});
    v.field("decimals", f.decimals, {.max = 12, .doc = "digits printed after the point"});
    v.field("prefix", f.prefix, {.doc = "printed before it"});
    v.field("unit", f.unit, {.doc = "its unit"});
    v.choice("checked", f.checked, checked_kinds, {.doc = "how the figure was come by"});
    v.choice("basis", f.basis, basis_kinds, {.doc = "what our figure is made of, where it differs from its table"});
    v.field("input_rounding", f.input_rounding, {.min = 0.0, .doc = "how far the rounding of its inputs can move it"});
    v.field("rests_on", f.rests_on, {.doc = "convention of this figure"});
    v.field("why", f.why, {.doc = "why it is not reproduced"});
  }
};

struct PublishedTable {
  struct Figures {
    std::vector<std::string> ids;  // ids that must be in the file
    std::map<std::string, PublishedFigure> by_id;
    static void describe(auto& v, auto& f) {
      for (const std::string& id : f.ids) v.section(id, f.by_id[id]);
    }
  };
  std::string id, title, source, rests_on, honest;
  Basis basis = Basis::simulated;
  Figures figures;
  static void describe(auto& v, auto& t) {
    v.field("title", t.title, {.doc = "heading", .required = true});
    v.field("source", t.source, {.doc = "where the figures were read", .required = true});
    v.field("rests_on", t.rests_on, {.doc = "the convention of the figures", .required = true});
    v.field("honest", t.honest, {.doc = "what the column of the honest convention holds"});
    v.choice("basis", t.basis, basis_kinds, {.doc = "what our figures are made of", .required = true});
    v.section("figures", t.figures);
  }
};

// Ids of a table and its figures that are reproduced, in order. The file must have all of them and nothing else.
struct Wanted {
  std::string table;
  std::vector<std::string> figures;
};

// Throws InputError with every problem.
std::vector<PublishedTable> read_published(const std::filesystem::path& file, const std::vector<Wanted>& wanted);

}  // namespace capcam::reproduce

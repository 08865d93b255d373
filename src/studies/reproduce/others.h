// Raw figures of other accelerators, from which comparisons are computed: models/published/others.toml.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "capcam/describe.h"

namespace capcam::reproduce {

struct OtherDesign {
  std::string source;
  double gops = 0.0, gop_per_j = 0.0, area_mm2 = 0.0, power_w = 0.0;  // 0 if the source does not state it
  static void describe(auto& v, auto& d) {
    v.field("source", d.source, {.doc = "where the figures were read", .required = true});
    v.field("gops", d.gops, {.max = 1e12, .above = 0.0, .unit = "GOPS", .doc = "throughput"});
    v.field("gop_per_j", d.gop_per_j, {.max = 1e12, .above = 0.0, .unit = "GOP/J", .doc = "energy efficiency"});
    v.field("area_mm2", d.area_mm2, {.max = 1e12, .above = 0.0, .unit = "mm^2", .doc = "area"});
    v.field("power_w", d.power_w, {.max = 1e12, .above = 0.0, .unit = "W", .doc = "power"});
  }
};

// Factors of the published projection from 45 to 22 nm.
struct Projection {
  std::string source;
  double energy_of_45 = 0.0, energy_of_22 = 0.0, area_factor = 0.0;
  static void describe(auto& v, auto& p) {
    v.field("source", p.source, {.doc = "where the factors were read", .required = true});
    v.field("energy_of_45", p.energy_of_45, {.above = 0.0, .doc = "energy factor of 45 nm", .required = true});
    v.field("energy_of_22", p.energy_of_22, {.above = 0.0, .doc = "energy factor of 22 nm", .required = true});
    v.field("area_factor", p.area_factor, {.above = 0.0, .doc = "multiplies the area", .required = true});
  }
};

struct Others {
  OtherDesign a3, spatten, mnnfast, wse2, groq, tpu_v4;
  Projection to_22_nm;
  static void describe(auto& v, auto& o) {
    v.section("a3", o.a3);
    v.section("spatten", o.spatten);
    v.section("mnnfast", o.mnnfast);
    v.section("wse2", o.wse2);
    v.section("groq", o.groq);
    v.section("tpu_v4", o.tpu_v4);
    v.section("to_22_nm", o.to_22_nm);
  }
};

// Throws InputError with every problem.
Others read_others();

}  // namespace capcam::reproduce

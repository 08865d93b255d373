// SPDX-License-Identifier: Apache-2.0
#include "report/circuit_text.h"

#include <fmt/format.h>

#include <cmath>

#include "report/table.h"

namespace capcam {

std::string circuit_text(const CircuitFigures& f) {
  std::string text = fmt::format("full scale {:.4g} {}, an LSB {:.4g} {}; {:.2f} effective bits", f.full_scale, f.unit,
                                 f.lsb, f.unit, f.effective_bits);
  text += f.errors.empty() ? "\n" : fmt::format(", errors of {:.3g} LSB (root mean square):\n", f.rms_lsb);
  for (const CircuitFigures::Error& error : f.errors)
    text += fmt::format("  {:<38} {:.3g} LSB\n", error.name, error.rms_lsb);
  if (f.cell_ff > 0.0)
    text += fmt::format("{:.4g} fF of cell, {:.4g} fF of matchline, {:.4g} fF of it to sample on\n", f.cell_ff,
                        f.matchline_ff, f.sampling_ff);
  TextTable table({{"phase of a search"}, {"needs ns", Align::right}, {"has ns", Align::right}, {""}});
  for (const CircuitFigures::Phase& phase : f.phases)
    table.row({phase.name, fmt::format("{:.3g}", phase.needed_ns), fmt::format("{:.3g}", phase.available_ns),
               phase.needed_ns > phase.available_ns ? "<- too short for half an LSB" : ""});
  if (f.cell_ff > 0.0) {
    const bool endless = std::isinf(f.half_lsb_hold_ns);
    table.row({"hold (may take / takes)", endless ? "inf" : fmt::format("{:.3g}", f.half_lsb_hold_ns),
               fmt::format("{:.3g}", f.hold_ns),
               f.hold_ns > f.half_lsb_hold_ns ? "<- leaks more than half an LSB" : ""});
  }
  return text + table.text();
}

nlohmann::ordered_json circuit_json(const CircuitFigures& f) {
  using Json = nlohmann::ordered_json;
  Json phases = Json::object(), errors = Json::object();
  for (const CircuitFigures::Phase& phase : f.phases)
    phases[phase.name] = {{"needed_ns", phase.needed_ns}, {"available_ns", phase.available_ns}};
  for (const CircuitFigures::Error& error : f.errors) errors[error.name] = error.rms_lsb;
  return {{"unit", f.unit},
          {"full_scale", f.full_scale},
          {"lsb", f.lsb},
          {"cell_ff", f.cell_ff},
          {"matchline_ff", f.matchline_ff},
          {"sampling_ff", f.sampling_ff},
          {"hold_ns", f.hold_ns},
          {"half_lsb_hold_ns", std::isfinite(f.half_lsb_hold_ns) ? Json(f.half_lsb_hold_ns) : Json(nullptr)},
          {"phases", std::move(phases)},
          {"errors_rms_lsb", std::move(errors)},
          {"rms_lsb", f.rms_lsb},
          {"effective_bits", f.effective_bits}};
}

}  // namespace capcam

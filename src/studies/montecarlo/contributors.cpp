// Lists every error of the circuit, with functions that tell whether it is on and that switch it off alone.
// SPDX-License-Identifier: Apache-2.0
#include "capcam/converter.h"
#include "config/conditions.h"
#include "kernels/converter_elements.h"
#include "studies/montecarlo/montecarlo.h"

namespace capcam::montecarlo {
namespace {

using S = SensingParams;
using C = Condition;

bool shares_charge(const S& s) { return make_converter(s)->input() == ConverterInput::charge; }

}  // namespace

const std::vector<Contributor>& contributors() {
  static const std::vector<Contributor> all = {
      {"capacitor mismatch", [](const S& s, const C&) { return s.circuit.matching_coefficient > 0.0; },
       [](S& s, C&) { s.circuit.matching_coefficient = 0.0; }},
      {"threshold mismatch",
       [](const S& s, const C&) { return !shares_charge(s) && s.circuit.threshold_mismatch_mv > 0.0; },
       [](S& s, C&) { s.circuit.threshold_mismatch_mv = 0.0; }},
      {"parasitic capacitance, not calibrated",
       [](const S& s, const C&) {
         return shares_charge(s) && s.circuit.matchline_capacitance_ff.value_or(0.0) > 0.0 &&
                s.circuit.reference == Reference::nominal;
       },
       [](S& s, C&) { s.circuit.reference = Reference::calibrated; }},
      {"leakage", [](const S& s, const C&) { return shares_charge(s) && actual_leakage_pa(s.circuit) > 0.0; },
       [](S& s, C&) { s.circuit.leakage_pa = 0.0; }},
      {"charge injection",
       [](const S& s, const C&) { return shares_charge(s) && actual_injection_fc(s.circuit, 1) != 0.0; },
       [](S& s, C&) { s.circuit.injected_charge_fc = 0.0; }},
      {"settling", [](const S& s, const C&) { return s.circuit.settling; },
       [](S& s, C&) { s.circuit.settling = false; }},
      {"supply", [](const S& s, const C& c) { return c.supply_error != 0.0 && !s.circuit.reference_follows_supply; },
       [](S&, C& c) { c.supply_error = 0.0; }},
      {"corner",
       [](const S& s, const C& c) {
         return c.corner != Corner::tt && (!shares_charge(s) || actual_leakage_pa(s.circuit) > 0.0 ||
                                           actual_injection_fc(s.circuit, 1) != 0.0 || s.circuit.settling);
       },
       [](S&, C& c) { c.corner = Corner::tt; }},
      {"temperature",
       [](const S& s, const C& c) {
         return c.temperature_c != 25.0 && (!shares_charge(s) || actual_leakage_pa(s.circuit) > 0.0 ||
                                            s.circuit.thermal_noise || s.circuit.settling);
       },
       [](S&, C& c) { c.temperature_c = 25.0; }},
      {"reference error", [](const S& s, const C&) { return s.circuit.reference_error != 0.0; },
       [](S& s, C&) { s.circuit.reference_error = 0.0; }},
      {"offset", [](const S& s, const C&) { return s.circuit.offset_mv > 0.0; },
       [](S& s, C&) { s.circuit.offset_mv = 0.0; }},
      {"offset mismatch", [](const S& s, const C&) { return s.circuit.offset_mismatch_mv > 0.0; },
       [](S& s, C&) { s.circuit.offset_mismatch_mv = 0.0; }},
      {"INL", [](const S& s, const C&) { return s.circuit.inl_lsb != 0.0; }, [](S& s, C&) { s.circuit.inl_lsb = 0.0; }},
      {"DNL", [](const S& s, const C&) { return s.circuit.dnl_lsb > 0.0; }, [](S& s, C&) { s.circuit.dnl_lsb = 0.0; }},
      {"converter elements", [](const S& s, const C&) { return element_sigma(*make_converter(s), s) > 0.0; },
       [](S& s, C&) { s.circuit.element_mismatch = 0.0; }},
      {"thermal noise", [](const S& s, const C&) { return s.circuit.thermal_noise; },
       [](S& s, C&) { s.circuit.thermal_noise = false; }},
      {"comparator noise", [](const S& s, const C&) { return s.circuit.comparator_noise_mv > 0.0; },
       [](S& s, C&) { s.circuit.comparator_noise_mv = 0.0; }},
  };
  return all;
}

}  // namespace capcam::montecarlo

// The levels of a converter whose own elements differ. With unit elements 1 + e z (e = sensing.element_mismatch, z a
// standard normal), 2^b units in all and full scale calibrated, level k of 2^b is off by, in LSB,
//
//   binary  a capacitor of 2^i units per bit and one unit more, e sqrt(2^i) z_i each:
//           E_k = (k + sum over the bits of k of e_i) 2^b / (2^b + sum of all e_i) - k
//   unary   elements one after another: E_k = sum_{j <= k} e z_j - k / 2^b sum of all
//
// so that INL is largest at half scale, e sqrt(2^b) / 2, and the DNL of a binary converter is largest there, e
// sqrt(2^b). e of capacitors is matching_coefficient / sqrt(C_s / 2^b) (Pelgrom). Resistors of a ladder and current
// sources of a ramp are taken to match as well as 1 fF of capacitor: e = matching_coefficient, 0.85 % of metal fingers,
// about that of a square micron of polysilicon. e of delays is their cells': an element is an inverter as theirs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "capcam/config.h"
#include "capcam/converter.h"

namespace capcam {

// Returns e; 0 for a converter without elements.
double element_sigma(const Converter& converter, const SensingParams& sensing);
// Returns the standard deviation of the level at half scale, in LSB.
double largest_inl_lsb(const Converter& converter, const SensingParams& sensing);
// Returns E_k, k = 1 .. 2^bits - 1. `normal(j)` draws z of element j, 0 <= j <= 2^bits.
std::vector<double> element_errors(ConverterElements elements, double sigma, std::uint32_t bits,
                                   const std::function<double(std::uint32_t)>& normal);

}  // namespace capcam

// Kinds of converters: what `sensing.kind` of a configuration names. A kind is one class that says what the converter
// reads, where its codes change, how long a search takes it and what it is made of. Both engines, the cost model,
// `capcam check`, `capcam montecarlo` and `capcam spice` ask this class and nothing else.
//
//   class DualSlope final : public capcam::Converter {
//    public:
//     using Converter::Converter;
//     capcam::Conversion convert(const capcam::SearchCodes& search) const override { ... }
//     std::vector<capcam::ConverterPart> parts() const override { return {{.unit = "comparator"}, ...}; }
//   };
//   const capcam::RegisterConverter<DualSlope> dual_slope("dual_slope", "counts up a slope, then down another");
//
// docs/add-a-converter.md walks through one; the shipped kinds are in src/kernels/converters/.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "capcam/config.h"

namespace capcam {

// What a row of an array hands to its converter after a search. It decides which errors of the circuit apply.
enum class ConverterInput {
  match_count,  // the number of matching cells itself, and that is the code: no circuit, no error
  charge,       // a voltage: the row's cells have shared their charge on the matchline
  delay,        // a time: an edge has run through the cells, and each that does not match has delayed it
};

// The codes of one search of one array.
struct SearchCodes {
  std::uint32_t rows = 0;                // rows that hold a key
  std::span<const std::uint32_t> codes{};  // [rows]; empty for a kind whose time does not depend on codes
  std::span<const std::uint8_t> valid{};   // [rows], 1: the query may keep the row's key; empty as codes
  std::uint32_t best_rows = 0;  // the search may end when so many valid rows with the highest codes are known; 0: all
};

// What the converters of an array spend on one search. All converters work at the same time.
struct Conversion {
  std::uint64_t cycles = 0;       // from sampling until the last code, at least 1
  std::uint64_t steps = 0;        // of a reference that the array's converters share: action converter.ramp_step
  std::uint64_t comparisons = 0;  // of rows, beyond what is part of every conversion: action converter.compare
};

// Hardware that a converter is made of. It is priced by the cards of a unit (models/README.md lists the units).
struct ConverterPart {
  enum class Spends { each_conversion, each_comparison, each_step };
  std::string unit;                           // "comparator"
  double count = 1.0;                         // units in one converter
  Spends spends = Spends::each_conversion;    // when all `count` units spend the card's energy once
  bool shared = false;                        // one for all converters of an array, instead of one for each
  double resolution_bits = 0.0;               // of a unit that is a whole converter (unit "sar"); 0: any other unit
};

class Converter {
 public:
  explicit Converter(const SensingParams& sensing) : sensing_(sensing) {}
  virtual ~Converter() = default;

  virtual ConverterInput input() const { return ConverterInput::charge; }

  // Where codes change: entry k - 1 is the least input that gives code k, as a fraction of full scale, k = 1 .. 2^bits
  // - 1; ascending (equal entries skip a code, infinity is never reached). Empty: equally spaced, entry k - 1 is
  // (k - 1/2) / 2^bits. Errors of the circuit (offset, noise, non-linearity) are added to the input by capcam. The
  // score of code k is k / 2^bits of the row's columns, whatever the spacing. Unused by input match_count.
  virtual std::vector<double> decision_levels() const { return {}; }

  // True: convert() looks at codes. The fast engine then has to work them out before it knows any time.
  virtual bool time_depends_on_codes() const { return false; }

  // Must be a pure function of the search. As it stands: rows that share a converter take conversion_cycles each.
  virtual Conversion convert(const SearchCodes& search) const {
    return one_after_another(search, sensing_.conversion_cycles);
  }

  // Empty: the converter costs nothing, and reports say so.
  virtual std::vector<ConverterPart> parts() const = 0;

 protected:
  const SensingParams& sensing() const { return sensing_; }
  // Every converter takes `cycles` for each of its rows.
  Conversion one_after_another(const SearchCodes& search, std::uint64_t cycles) const;

 private:
  SensingParams sensing_;
};

struct ConverterKind {
  std::string name;  // as configurations write it: letters, digits and _
  std::string doc;   // what `capcam explain sensing.kind` says, one line
  std::function<std::unique_ptr<Converter>(const SensingParams&)> make;
};

// Adds a kind, before the first configuration is read and while no other thread uses capcam. Throws InputError if the
// name is taken or is no name.
void register_converter(ConverterKind kind);

// A converter of the kind that sensing.kind names. Throws InputError if no kind has the name (the nearest is named) or
// if its decision levels are not 2^bits - 1 ascending numbers.
std::unique_ptr<const Converter> make_converter(const SensingParams& sensing);

// Registers class C when it is defined: one object per kind, in the file of the class.
template <class C>
class RegisterConverter {
 public:
  RegisterConverter(std::string name, std::string doc) {
    register_converter({std::move(name), std::move(doc),
                        [](const SensingParams& sensing) { return std::make_unique<C>(sensing); }});
  }
};

}  // namespace capcam

// Kinds of converters, which `sensing.kind` of a configuration names. A kind is one class that states the converter's
// input, the levels at which its codes change, the time of a search and the parts it is made of. Both engines, the cost
// model, `capcam check`, `capcam montecarlo` and `capcam spice` ask this class and nothing else.
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
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "capcam/config.h"

namespace capcam {

// The quantity that a row of an array hands to its converter after a search. It decides which circuit errors apply.
enum class ConverterInput {
  match_count,  // the number of matching cells, which is also the code: there is no circuit and no error
  charge,       // a voltage: the row's cells have shared their charge on the matchline
  delay,        // a time: an edge has run through the cells, and each cell that does not match has delayed it
};

// The codes of one search of one array.
struct SearchCodes {
  std::uint32_t rows = 0;                  // rows that hold a key
  std::span<const std::uint32_t> codes{};  // [rows]; empty for a kind whose time does not depend on codes
  std::span<const std::uint8_t> valid{};   // [rows], 1 if the query may keep the row's key; empty when codes are
  // If present, the search may end when so many valid rows with the highest codes are known.
  std::optional<std::uint32_t> best_rows{};
};

// Time and work of the converters of an array for one search. All converters work at the same time.
struct Conversion {
  std::uint64_t cycles = 0;       // from sampling until the last code, at least 1
  std::uint64_t steps = 0;        // steps of a reference that the array's converters share (action converter.ramp_step)
  std::uint64_t comparisons = 0;  // comparisons of rows beyond those in every conversion (action converter.compare)
};

// Hardware that a converter is made of. It is priced by the cards of a unit (models/README.md lists the units). Some
// units are sized by the converter they are in (src/cost/blocks/converter_blocks.h says how): a comparator by the
// noise and offset that the configuration asks of it, a capacitor_dac by the sampling capacitor, a ladder and a ramp
// by the comparators they drive.
struct ConverterPart {
  enum class Spends { each_conversion, each_comparison, each_step };
  std::string unit;                         // "comparator"
  double count = 1.0;                       // units in one converter
  Spends spends = Spends::each_conversion;  // when all `count` units spend the card's energy `uses` times
  bool shared = false;                      // true if all converters of an array share one
  double uses = 1.0;                        // a comparator that makes b decisions a conversion: b
};

// The elements whose mismatch (sensing.element_mismatch) bends a converter's levels.
enum class ConverterElements {
  none,
  binary,        // a capacitor of 2^i units per bit, of each converter
  unary,         // 2^b equal elements one after another, of each converter
  shared_unary,  // the same, one chain for all converters of an array
};

class Converter {
 public:
  explicit Converter(const SensingParams& sensing) : sensing_(sensing) {}
  virtual ~Converter() = default;

  virtual ConverterInput input() const { return ConverterInput::charge; }

  // Returns the levels at which codes change: entry k - 1 is the least input that gives code k, as a fraction of full
  // scale, k = 1 .. 2^bits - 1, ascending (equal entries skip a code, infinity is never reached). If empty, levels are
  // (k - 1/2) / 2^bits. Capcam adds the errors of the circuit (offset, noise, non-linearity) to the input. The score of
  // code k is k / 2^bits of the row's columns, whatever the spacing. Input match_count does not use the levels.
  virtual std::vector<double> decision_levels() const { return {}; }

  virtual ConverterElements elements() const { return ConverterElements::none; }
  // Returns true if every code has a comparator of its own, with an offset of its own (offset_mismatch_mv).
  virtual bool comparator_per_code() const { return false; }
  // Returns the cycles that a comparator has for a decision, half of which it regenerates (kernels/decision.h).
  virtual double decision_cycles() const { return sensing_.conversion_cycles; }
  // Returns true if the converter samples the matchline's voltage on a capacitor of its own.
  virtual bool samples() const { return false; }

  // Must return true if convert() looks at codes. The fast engine then has to compute codes before it knows any time.
  virtual bool time_depends_on_codes() const { return false; }

  // Must be a pure function of the search. By default, rows that share a converter take conversion_cycles each.
  virtual Conversion convert(const SearchCodes& search) const {
    return one_after_another(search, sensing_.conversion_cycles);
  }

  // Returns the parts of a converter. If there are none, the converter costs nothing, and reports say so.
  virtual std::vector<ConverterPart> parts() const = 0;

 protected:
  const SensingParams& sensing() const { return sensing_; }
  // Returns the work of converters that take `cycles` for each of their rows.
  Conversion one_after_another(const SearchCodes& search, std::uint64_t cycles) const;

 private:
  SensingParams sensing_;
};

struct ConverterKind {
  std::string name;  // as configurations write it: letters, digits and _
  std::string doc;   // one line that `capcam explain sensing.kind` prints
  std::function<std::unique_ptr<Converter>(const SensingParams&)> make;
};

// Adds a kind. Call it before the first configuration is read and while no other thread uses capcam. Throws InputError
// if the name is taken or is no name.
void register_converter(ConverterKind kind);

// Makes a converter of the kind that sensing.kind names. Throws InputError if no kind has the name (the nearest is
// named) or if its decision levels are not 2^bits - 1 ascending numbers.
std::unique_ptr<const Converter> make_converter(const SensingParams& sensing);

// Registers class C when an object of this type is defined, one per kind, in the file of the class.
template <class C>
class RegisterConverter {
 public:
  RegisterConverter(std::string name, std::string doc) {
    register_converter(
        {std::move(name), std::move(doc), [](const SensingParams& sensing) { return std::make_unique<C>(sensing); }});
  }
};

}  // namespace capcam

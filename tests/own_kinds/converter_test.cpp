// Converter kinds that are registered from outside capcam.
// SPDX-License-Identifier: Apache-2.0
#include "capcam/converter.h"

#include <algorithm>
#include <string>
#include <vector>

#include "capcam/read_config.h"
#include "config/explain.h"
#include "config/writer.h"
#include "cost/blocks/converter_blocks.h"
#include "cost/cards/library.h"
#include "kernels/conversions.h"
#include "kernels/random_readout.h"
#include "kernels/sensing.h"
#include "support/catch.h"
#include "support/config_files.h"
#include "support/own_kinds.h"
#include "support/places.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

SensingParams of_kind(const std::string& kind, std::uint32_t bits = 6) {
  SensingParams sensing;
  sensing.kind = kind;
  sensing.bits = bits;
  return sensing;
}

// How many decision levels an input has reached, counted one by one.
std::uint32_t reached(const std::vector<double>& levels, double input) {
  return static_cast<std::uint32_t>(std::count_if(levels.begin(), levels.end(), [&](double l) { return input >= l; }));
}

template <class F>
std::string refusal(const F& call) {
  try {
    call();
  } catch (const InputError& error) {
    return error.what();
  }
  return "not refused";
}

// A kind whose answers a test chooses.
struct Chosen {
  static inline std::vector<double> levels;
  static inline std::vector<ConverterPart> made_of;
};
class ChosenKind final : public Converter {
 public:
  using Converter::Converter;
  std::vector<double> decision_levels() const override { return Chosen::levels; }
  std::vector<ConverterPart> parts() const override { return Chosen::made_of; }
};
const RegisterConverter<ChosenKind> chosen("chosen", "test: what the test says");

}  // namespace

TEST_CASE("a configuration names a registered kind, is written with it and reads back") {
  const ConfigFiles files;
  const Config config = read_config(files.write("own.toml", "[sensing]\nkind = 'square_law'\n"));
  CHECK(config.sensing.kind == "square_law");
  CHECK(config_to_json(config)["sensing"]["kind"] == "square_law");
  CHECK(read_config(files.write("back.toml", config_to_toml(config))).sensing.kind == "square_law");
}

TEST_CASE("capcam explain lists registered kinds after capcam's own") {
  const std::string text = explain("sensing.kind");
  CHECK(text.find("ideal / sar / flash / ramp / time_domain / ") != std::string::npos);
  CHECK(text.find("test: levels and times of its own") != std::string::npos);
}

TEST_CASE("a misspelt kind is refused with the nearest, wherever it comes from") {
  const ConfigFiles files;
  const auto lines =
      files.problems_of([&] { read_config(files.write("own.toml", "[sensing]\nkind = 'square_lav'\n")); });
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].ends_with("got \"square_lav\", did you mean \"square_law\"?"));
  CHECK(refusal([] { make_converter(of_kind("squarelaw")); }).ends_with("did you mean \"square_law\"?"));
}

TEST_CASE("a name is registered once, and is a plain name") {
  const auto make = [](const SensingParams& sensing) { return std::make_unique<SquareLaw>(sensing); };
  CHECK(refusal([&] { register_converter({"sar", "", make}); }) == "converter kind \"sar\" is registered twice");
  CHECK(refusal([&] {
          register_converter({"a b", "", make});
        }) == "a converter kind is to be registered as \"a b\": expected letters, digits and _");
}

TEST_CASE("decision levels decide the codes of an ideal row") {
  Config config;
  config.sensing = of_kind("square_law");
  const std::vector<double> levels = make_converter(config.sensing)->decision_levels();
  const Sensing codes(config, {40, 24});  // segments of 24 and 16 columns
  for (std::uint32_t m = 0; m <= 24; ++m) CHECK(codes.code(0, m) == reached(levels, m / 24.0));
  for (std::uint32_t m = 0; m <= 16; ++m) CHECK(codes.code(1, m) == reached(levels, m / 16.0));
  CHECK(codes.score(0, 3) == 3 * 24);
}

TEST_CASE("with noise and mismatch a code is how many levels the disturbed input has reached") {
  Config config;
  config.seed = 7;
  config.sensing = of_kind("square_law", 5);
  config.sensing.circuit.offset_mismatch_mv = 16.0;  // half an LSB of 1 V in 5 bits
  config.sensing.circuit.comparator_noise_mv = 31.0;
  const std::vector<double> levels = make_converter(config.sensing)->decision_levels();
  const Segmentation row{64, 64};
  REQUIRE(RandomReadout::needed(config));
  const RandomReadout readout(config, row);
  CHECK(readout.row_by_row());
  const ConverterMismatch converters = readout.converters(0, 0, 8);
  for (std::uint32_t r = 0; r < 8; ++r) {
    const RowReadout of_row = readout.row(0, r, {}, converters);
    for (std::uint32_t m = 0; m <= 64; ++m) {
      const float normal = readout.normal(0, m, r, 0);
      const float input_lsb = readout.segment(0).input(m, 0, of_row, normal) - 0.5f;
      CHECK(readout.segment(0).code(m, 0, of_row, normal) == reached(levels, input_lsb / 32.0));
    }
  }
}

TEST_CASE("differential non-linearity displaces the levels of a kind, and they stay in order") {
  Config config;
  config.seed = 3;
  config.sensing = of_kind("square_law", 6);
  config.sensing.circuit.dnl_lsb = 0.25;
  const RandomReadout readout(config, {64, 64});
  const ConverterMismatch one = readout.converters(0, 0, 2), other = readout.converters(1, 0, 2);
  CHECK(std::is_sorted(one.thresholds(1), one.thresholds(1) + 63));
  CHECK_FALSE(std::equal(one.thresholds(0), one.thresholds(0) + 62, one.thresholds(1)));
  CHECK_FALSE(std::equal(one.thresholds(0), one.thresholds(0) + 62, other.thresholds(0)));
}

TEST_CASE("decision levels that are too few or not ascending are refused") {
  Chosen::levels = {0.5};
  CHECK(refusal([] { make_converter(of_kind("chosen", 2)); }) ==
        "converter kind \"chosen\": decision_levels() must give 2^bits - 1 = 3 ascending numbers, got 1");
  Chosen::levels = {0.5, 0.25, 0.75};
  CHECK(refusal([] { make_converter(of_kind("chosen", 2)); }).ends_with("got 3 that are not ascending"));
  Chosen::levels.clear();
  CHECK(refusal([] { make_converter(of_kind("chosen", 2)); }) == "not refused");
}

TEST_CASE("a converter is priced by its parts: how many units, and what they spend on") {
  const auto models = source_dir() / "models";
  const CardLibrary library = read_cards(models / "physical", models / "dram/hbm2.toml");
  const Blocks blocks(library.units, {65.0, 1.0});
  using Spends = ConverterPart::Spends;
  Chosen::made_of = {{.unit = "comparator", .count = 3.0},
                     {.unit = "register_bit", .count = 2.0, .spends = Spends::each_comparison},
                     {.unit = "ramp_step", .spends = Spends::each_step, .shared = true}};
  const SensingParams sensing = of_kind("chosen");
  ConverterDesign design;
  design.conversion_ns = 1e6;  // time enough
  const auto parts = [&] { return make_converter(sensing)->parts(); };
  const Block one = converter_block(blocks, parts(), design, "chosen");
  const Block shared = shared_converter_block(blocks, parts(), design, "chosen");
  const double overhead = blocks.factor("converter_overhead").value;
  CHECK(one.energy_pj("convert").value ==
        Approx(overhead * 3.0 * comparator_block(blocks, design).energy_pj("decide").value).epsilon(1e-4));
  CHECK(one.energy_pj("compare").value == Approx(overhead * 2.0 * blocks.energy_pj("register_bit").value));
  CHECK(one.energy_pj("ramp_step").value == 0.0);
  CHECK(shared.energy_pj("ramp_step").value > overhead * blocks.energy_pj("ramp_step").value);
  CHECK(one.area_um2.value ==
        Approx(blocks.factor_of_area("converter_overhead").value *
               (3.0 * comparator_block(blocks, design).area_um2.value + 2.0 * blocks.area_um2("register_bit").value)));

  Chosen::made_of = {{.unit = "comparators"}};
  CHECK(refusal([&] {
          converter_block(blocks, parts(), design, "chosen");
        }).ends_with("got \"comparators\", did you mean \"comparator\"?"));
  Chosen::made_of = {{.unit = "sram"}};
  CHECK(refusal([&] {
          converter_block(blocks, parts(), design, "chosen");
        }).starts_with("converter kind \"chosen\": a part's unit must be one of "));
  Chosen::made_of.clear();
}

TEST_CASE("a search may end at the best rows only if they are what the tile selection keeps") {
  Config config;
  config.sensing.kind = "ramp";
  config.top_n.tile_k = 1;
  const std::vector<std::uint32_t> codes = {63, 60, 1};
  const ValidKeys all(0, 3, nullptr);
  CHECK(Conversions(config, 1).of_codes(codes, {0, 3}, all).steps == 1);
  config.top_n.tile_selection = "first_keys";
  CHECK(Conversions(config, 1).of_codes(codes, {0, 3}, all).steps == 63);
}

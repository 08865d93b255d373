// SPDX-License-Identifier: Apache-2.0
// Converters by their parts: limits, scaling laws and sums worked out by hand.
#include "cost/blocks/converter_blocks.h"

#include <cmath>

#include "capcam/read_config.h"
#include "cost/cards/library.h"
#include "cost/circuit_cards.h"
#include "kernels/converters/kinds.h"
#include "support/catch.h"
#include "support/places.h"

using namespace capcam;

namespace {

const CardLibrary& physical() {
  const std::filesystem::path models = testing::source_dir() / "models";
  static const CardLibrary library = read_cards(models / "physical", models / "dram/hbm2.toml");
  return library;
}
Blocks at(double node_nm, double supply_v) { return {physical().units, {node_nm, supply_v}}; }

ConverterDesign design(double bits) {
  ConverterDesign of;
  of.bits = bits;
  of.sampling_ff = 0.5 * std::exp2(bits);
  of.conversion_ns = 1000.0;  // time enough
  return of;
}

Block sar(const Blocks& blocks, const ConverterDesign& of) {
  return converter_block(blocks, sar_parts(of.bits), of, "sar");
}
Block flash(const Blocks& blocks, const ConverterDesign& of) {
  return converter_block(blocks, flash_parts(of.bits), of, "flash");
}
double decide(const Blocks& blocks, const ConverterDesign& of) {
  return comparator_block(blocks, of).energy_pj("decide").value;
}

}  // namespace

TEST_CASE("a conversion is the sum of its parts times what is fitted") {
  const Blocks blocks = at(65, 1.0);
  const ConverterDesign of = design(6);
  const double k = 1.0 / (1.0 - least_conversion_ns(blocks, 6) / of.conversion_ns);
  // Six decisions; 32 fF at 0.42 C V^2; a switch; 12 register bits clocked 1.5 times; 12 gates that switch twice.
  const double parts = 6 * k * decide(blocks, of) + 0.42 * 32e-3 + blocks.energy_pj("sampling_switch").value +
                       12 * 1.5 * blocks.energy_pj("register_bit").value + 24 * blocks.energy_pj("logic_bit").value;
  const double overhead = blocks.factor("converter_overhead").value;
  CHECK(sar(blocks, of).energy_pj("convert").value == Approx(overhead * parts));
}

TEST_CASE("a conversion is never cheaper than the decisions of its own comparator, whatever prices it") {
  for (const double bits : {4.0, 6.0, 8.0, 10.0}) {
    for (const double ns : {1e3, 10.0, 1.0}) {
      ConverterDesign of = design(bits);
      of.conversion_ns = ns;
      const Blocks blocks = at(65, 1.0);
      const Block parts = sar(blocks, of), best = surveyed(blocks, sar_parts(bits), of, parts);
      CHECK(best.energy_pj("convert").value >= bits * decide(blocks, of));
      CHECK(best.energy_pj("convert").value >=
            survey_energy_pj(blocks.cards("converter_survey").front()->survey, bits, 1e9 / ns).value);
      CHECK(flash(blocks, of).energy_pj("convert").value > (std::exp2(bits) - 1.0) * decide(blocks, of));
    }
  }
}

TEST_CASE("half of the noise takes four times the energy that noise takes: kT / noise^2") {
  const Blocks blocks = at(65, 1.0);
  ConverterDesign of = design(8);
  const auto with_noise = [&](double mv) {
    of.noise_mv = mv;
    return decide(blocks, of);
  };
  const double without = with_noise(1e6);
  CHECK(with_noise(0.1) - without == Approx(4 * (with_noise(0.2) - without)).epsilon(1e-4));
  // By hand: 2 kT / (0.1 mV)^2 at 298.15 K is 823 fF, charged to 1.0 V.
  CHECK(with_noise(0.1) - without == Approx(2 * 1.380649e-23 * 298.15 / 1e-8 * 1e12).epsilon(1e-4));
  // Left off, it is as large as quantization.
  of.noise_mv = of.lsb_mv() / std::sqrt(12.0);
  const double quantization = decide(blocks, of);
  of.noise_mv = 0.0;
  CHECK(decide(blocks, of) == Approx(quantization));
}

TEST_CASE("a smaller offset takes a larger comparator, by the cheaper of Pelgrom's law and a trim") {
  const Blocks blocks = at(65, 1.0);
  ConverterDesign of = design(6);
  const auto of_offset = [&](double mv) {
    of.offset_mv = mv;
    return comparator_block(blocks, of);
  };
  double energy = 0.0, area = 0.0;
  for (const double mv : {30.0, 16.0, 10.0, 5.0, 2.0, 1.0, 0.3, 0.1}) {
    const Block block = of_offset(mv);
    CHECK(block.energy_pj("decide").value >= energy);
    CHECK(block.area_um2.value >= area);
    energy = block.energy_pj("decide").value;
    area = block.area_um2.value;
  }
  CHECK(of_offset(0.3).energy_pj("decide").value > of_offset(5.0).energy_pj("decide").value);
  CHECK(of_offset(0.3).area_um2.value > of_offset(5.0).area_um2.value);
  // The smallest pair has 3.5 mV um / sqrt(10) / 65 nm = 17.03 mV. 16.9 mV: 2 x 15 fF/um^2 x (3.5 / 16.9)^2 um^2 beyond
  // it, less than the eight gates of a trim of three bits.
  const double smallest = of_offset(100.0).energy_pj("decide").value;
  const double pair_ff = 2 * 15 * (std::pow(3.5 / 16.9, 2) - 10 * 0.065 * 0.065);
  CHECK(of_offset(16.9).energy_pj("decide").value - smallest == Approx(pair_ff * 1e-3).epsilon(1e-6));
  // 1 mV: log2(6 x 17.03) is between 6 and 7: 128 gates of 0.12 fF.
  CHECK(of_offset(1.0).energy_pj("decide").value - smallest == Approx(128 * 0.12e-3).epsilon(1e-6));
}

TEST_CASE("the sampling capacitor costs energy and an area that no node shrinks") {
  ConverterDesign small = design(6), large = design(6);
  large.sampling_ff = 2 * small.sampling_ff;
  for (const double node : {65.0, 28.0}) {
    const Blocks blocks = at(node, 1.0);
    const double overhead = blocks.factor("converter_overhead").value,
                 of_area = blocks.factor_of_area("converter_overhead").value;
    CHECK(sar(blocks, large).energy_pj("convert").value - sar(blocks, small).energy_pj("convert").value ==
          Approx(overhead * 0.42 * 32e-3));
    CHECK(sar(blocks, large).area_um2.value - sar(blocks, small).area_um2.value == Approx(of_area * 32 / 2.0));
  }
  // What is left shrinks as logic does, so a converter shrinks less than logic.
  const double logic = at(28, 1.0).area_um2("logic_bit").value / at(65, 1.0).area_um2("logic_bit").value;
  CHECK(sar(at(28, 1.0), small).area_um2.value > 1.2 * logic * sar(at(65, 1.0), small).area_um2.value);
}

TEST_CASE("a converter costs more the faster it must be, and as much as it takes if it has time enough") {
  const Blocks blocks = at(65, 1.0);
  ConverterDesign of = design(6);
  const auto at_ns = [&](double ns) {
    of.conversion_ns = ns;
    return sar(blocks, of).energy_pj("convert").value;
  };
  CHECK(at_ns(1e6) == Approx(at_ns(1e5)).epsilon(1e-3));
  CHECK(at_ns(4.0) > 1.2 * at_ns(1e5));
  CHECK(at_ns(2.5) > at_ns(4.0));
  of.conversion_ns = 2 * least_conversion_ns(blocks, 6);
  CHECK(cost_of_speed(blocks, of, 6) == Approx(2.0));
}

TEST_CASE("energy goes as the square of the supply") {
  ConverterDesign high = design(6), low = design(6);
  low.supply_v = 0.5;
  high.noise_mv = low.noise_mv = 1.0;  // the same at both
  high.offset_mv = low.offset_mv = 20.0;
  high.conversion_ns = low.conversion_ns = 1e6;  // gates are slower at 0.5 V
  for (const auto& of : {sar_parts(6), flash_parts(4)}) {
    CHECK(converter_block(at(65, 0.5), of, low, "x").energy_pj("convert").value ==
          Approx(converter_block(at(65, 1.0), of, high, "x").energy_pj("convert").value / 4).epsilon(1e-3));
  }
}

TEST_CASE("flash doubles with a bit, and its ladder is in it") {
  const Blocks blocks = at(65, 1.0);
  ConverterDesign of = design(5);
  of.noise_mv = 1.0;
  of.offset_mv = 20.0;
  const double five = flash(blocks, of).energy_pj("convert").value;
  of.bits = 6;
  CHECK(flash(blocks, of).energy_pj("convert").value / five == Approx(63.0 / 31.0).epsilon(0.05));
  CHECK(flash(blocks, of).area_um2.value > 63 * (comparator_block(blocks, of).area_um2.value + 3.0));
}

TEST_CASE("a ramp's reference takes more the more rows it drives") {
  const Blocks blocks = at(65, 1.0);
  SensingParams sensing;
  sensing.kind = "ramp";
  const std::vector<ConverterPart> parts = make_converter(sensing)->parts();
  ConverterDesign of = design(6);
  const auto reference = [&](double rows) {
    of.rows_per_reference = rows;
    return shared_converter_block(blocks, parts, of, "ramp");
  };
  const double few = reference(16).energy_pj("ramp_step").value, many = reference(4096).energy_pj("ramp_step").value;
  CHECK(many > 2 * few);
  // A step of 1/64 V on 4080 more gates, twice: once for the load, once for the buffer.
  CHECK(many - few == Approx(blocks.factor("converter_overhead").value * 2 * 4080 *
                             comparator_input_ff(blocks, of).value / 64 * 1e-3));
  CHECK(reference(4096).area_um2.value > 1.5 * reference(16).area_um2.value);
}

TEST_CASE("rows that share a converter reach it over switches") {
  const Blocks blocks = at(65, 1.0);
  ConverterDesign of = design(6);
  const Block alone = sar(blocks, of);
  of.rows_per_converter = 8;
  const Block shared = sar(blocks, of);
  CHECK(shared.area_um2.value - alone.area_um2.value ==
        Approx(blocks.factor_of_area("converter_overhead").value * 8 * blocks.area_um2("sampling_switch").value));
  CHECK(shared.energy_pj("convert").value > alone.energy_pj("convert").value);
}

TEST_CASE("noise, offset, sampling capacitor and sharing of a configuration reach the price") {
  const auto converter_of = [](const std::vector<std::string>& sets) {
    const Config given = read_config(testing::source_dir() / "configs/physical-65nm.toml", sets);
    const Config config = with_circuit_cards(given, physical());
    const Blocks blocks = at(65, 1.0);
    return converter_block(blocks, make_converter(config.sensing)->parts(), converter_design(config), "sar");
  };
  const Block usual = converter_of({});
  for (const char* set : {"sensing.comparator_noise_mv=0.1", "sensing.offset_mismatch_mv=0.2",
                          "sensing.sampling_capacitance_ff=500", "sensing.rows_per_converter=4"}) {
    INFO(set);
    CHECK(converter_of({set}).energy_pj("convert").value > usual.energy_pj("convert").value);
    CHECK(converter_of({set}).area_um2.value > usual.area_um2.value);
  }
  // A smaller cell capacitor leaves a smaller full scale to a calibrated converter, whose comparator must be better.
  CHECK(converter_of({"sensing.cell_capacitance_ff=0.2"}).energy_pj("convert").value >
        usual.energy_pj("convert").value);
}

// SPDX-License-Identifier: Apache-2.0
#include "cost/blocks/blocks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <numeric>

#include "cost/blocks/array_blocks.h"
#include "cost/blocks/converter_blocks.h"
#include "cost/cards/library.h"
#include "support/catch.h"
#include "support/places.h"

using namespace capcam;

namespace {

const std::filesystem::path models = testing::source_dir() / "models";

const CardLibrary& physical() {
  static const CardLibrary library = read_cards(models / "physical", models / "dram/hbm2.toml");
  return library;
}
Blocks at(double node_nm, double supply_v) { return {physical().units, {node_nm, supply_v}}; }

// Runs the network that sorter_comparators counts on numbers: it sorts blocks of k, then merges pairs and keeps the
// better k.
class Network {
 public:
  std::vector<int> best(std::vector<int> numbers, std::size_t k) {
    std::vector<std::vector<int>> blocks;
    for (std::size_t i = 0; i < numbers.size(); i += k) {
      blocks.emplace_back(numbers.begin() + static_cast<long>(i), numbers.begin() + static_cast<long>(i + k));
      sort(blocks.back(), 0, k, true);
    }
    while (blocks.size() > 1) {
      std::vector<int> b = blocks.back();
      blocks.pop_back();
      std::vector<int>& a = blocks.front();
      for (std::size_t i = 0; i < k; ++i, ++comparators) a[i] = std::max(a[i], b[k - 1 - i]);
      merge(a, 0, k, true);
    }
    return blocks.front();
  }
  std::uint64_t comparators = 0;

 private:
  void merge(std::vector<int>& x, std::size_t first, std::size_t n, bool down) {
    if (n < 2) return;
    for (std::size_t i = first; i < first + n / 2; ++i, ++comparators)
      if ((x[i] < x[i + n / 2]) == down) std::swap(x[i], x[i + n / 2]);
    merge(x, first, n / 2, down);
    merge(x, first + n / 2, n / 2, down);
  }
  void sort(std::vector<int>& x, std::size_t first, std::size_t n, bool down) {
    if (n < 2) return;
    sort(x, first, n / 2, true);
    sort(x, first + n / 2, n / 2, false);
    merge(x, first, n, down);
  }
};

}  // namespace

TEST_CASE("a sorter has the comparators of a network that sorts every input of zeros and ones") {
  for (const std::size_t n : {1u, 2u, 4u, 8u, 16u}) {
    for (std::size_t k = 1; k <= n; k *= 2) {
      INFO(n << " inputs, " << k << " kept");
      for (std::uint32_t input = 0; input < (1u << n); ++input) {
        std::vector<int> numbers(n);
        for (std::size_t i = 0; i < n; ++i) numbers[i] = static_cast<int>(input >> i & 1u);
        Network network;
        std::vector<int> expected = numbers;
        std::sort(expected.begin(), expected.end(), std::greater<>());
        expected.resize(k);
        if (network.best(numbers, k) != expected) FAIL("not sorted: " << input);
        if (network.comparators != sorter_comparators(n, k)) FAIL(network.comparators << " comparators");
      }
      SUCCEED();
    }
  }
  CHECK(sorter_comparators(64, 64) == 64 * 6 * 7 / 4);
  CHECK(sorter_comparators(64, 32) == 2 * (32 * 5 * 6 / 4) + 32 + 16 * 5);
  CHECK(sorter_comparators(60, 30) == sorter_comparators(64, 32));
}

TEST_CASE("a unit at its card's own node and supply costs what the card says") {
  const Blocks blocks = at(45, 0.9);
  CHECK(blocks.multiply(ArithmeticFormat::fp32).energy_pj("multiply").value == Approx(3.7));
  CHECK(blocks.add(ArithmeticFormat::fp32).area_um2.value == Approx(4184));
  // Registers: of an exact product (bf16: 16 bits of significand, 9 of exponent, a sign), and of a 32-bit sum. In a tree
  // of 16 products: of four products' sum (two bits more), and a sixteenth of the sum's.
  const double bit_pj = blocks.energy_pj("register_bit").value, bit_um2 = blocks.area_um2("register_bit").value;
  CHECK(blocks.mac(ArithmeticFormat::bf16).energy_pj("mac").value == Approx(0.58 + 0.9 + (26 + 32) * bit_pj));
  CHECK(blocks.mac(ArithmeticFormat::int8).energy_pj("mac").value == Approx(0.2 + 0.1 + (16 + 32) * bit_pj));
  CHECK(blocks.mac(ArithmeticFormat::int8).area_um2.value == Approx(282 + 137 + (16 + 32) * bit_um2));
  CHECK(blocks.mac(ArithmeticFormat::int8, 16).energy_pj("mac").value ==
        Approx(0.2 + 0.1 + (18.0 / 4 + 32.0 / 16) * bit_pj));
}

TEST_CASE("a unit at another node costs the card's figure times the published factors") {
  const double energy = energy_factor({65, 1.0}) / energy_factor({45, 0.9});
  CHECK(at(65, 1.0).multiply(ArithmeticFormat::fp32).energy_pj("multiply").value == Approx(3.7 * energy));
  CHECK(at(65, 1.0).multiply(ArithmeticFormat::fp32).area_um2.value == Approx(7700 / 0.66));
}

TEST_CASE("where sources disagree the interval spans them") {
  const Figure multiply = at(45, 0.9).multiply(ArithmeticFormat::fp32).energy_pj("multiply");
  // 11.8 pJ at 40 nm, supply not stated: at the same 0.9 V.
  CHECK(multiply.high == Approx(11.8 * energy_factor({45, 0.9}) / energy_factor({40, 0.9})));
  CHECK(multiply.low == Approx(3.7));
}

TEST_CASE("a memory of the card's size costs what the card says, and grows by the card's exponents") {
  const Blocks blocks = at(40, 1.0);
  const Block eight = blocks.sram(8192, 256), sixteen = blocks.sram(16384, 256);
  CHECK(eight.energy_pj("read").value == Approx(28.4));
  CHECK(eight.area_um2.value == Approx(27728.6));
  CHECK(sixteen.energy_pj("read").value == Approx(34.7).epsilon(0.01));  // the published 16 KiB memory
  CHECK(sixteen.area_um2.value == Approx(44820).epsilon(0.01));
  CHECK(blocks.sram(8192, 128).energy_pj("read").value == Approx(28.4 / 2));
  CHECK(eight.energy_pj("read").low < 28.4);
  // Cards of far smaller memories do not widen the interval: 512 bytes are 16 times less than 8 KiB, 128 bytes 64.
  const auto has_card = [](const Block& block, const std::string& name) {
    return std::any_of(block.cards.begin(), block.cards.end(),
                       [&](const UnitCard* card) { return card->provenance.card == name; });
  };
  CHECK(has_card(eight, "sram_drami_45nm"));
  CHECK_FALSE(has_card(sixteen, "sram_drami_45nm"));
  CHECK_FALSE(has_card(eight, "sram_drami_28nm_small"));
}

TEST_CASE("leakage is area times density") {
  const Block mac = at(45, 0.9).mac(ArithmeticFormat::fp32);
  CHECK(mac.leakage_mw.value == Approx(mac.area_um2.value * 12.2e-6));
  const Block sram = at(28, 0.9).sram(8192, 512);
  CHECK(sram.leakage_mw.value == Approx(sram.area_um2.value * 103.4e-6));
}

TEST_CASE("a part that is contained twice counts twice") {
  const Blocks blocks = at(45, 0.9);
  Block two;
  two.contain(2.0, blocks.adder(8));
  CHECK(two.area_um2.value == Approx(blocks.adder(16).area_um2.value));
  CHECK(two.cards.size() == blocks.adder(8).cards.size());
  CHECK(blocks.registers(32).energy_pj("write").value == Approx(32 * blocks.registers(1).energy_pj("write").value));
  CHECK(blocks.register_file(1, 16).area_um2.value == Approx(blocks.registers(16).area_um2.value));
}

TEST_CASE("a cell is never smaller than its capacitor") {
  const Blocks blocks = at(65, 1.0);
  SensingParams sensing;
  sensing.circuit.cell_capacitance_ff = 22.0;
  const ArrayParams array;
  // 22 fF at 2 fF/um^2 (1 .. 2.5) are 11 um^2 (8.8 .. 22); the transistors alone would be 3.3.
  const Figure large = ArrayBlocks(blocks, array, sensing).cell_area_um2();
  CHECK(large.value == Approx(11.0));
  CHECK(large.low == Approx(22.0 / 2.5));
  CHECK(large.high == Approx(22.0 / 1.0));
  sensing.circuit.cell_capacitance_ff = 1.0;
  CHECK(ArrayBlocks(blocks, array, sensing).cell_area_um2().value == Approx(3.3));
  sensing.circuit.cell_capacitance_ff = 22.0;
  CHECK(ArrayBlocks(blocks, array, sensing).cells().area_um2.value == Approx(16 * 64 * 11.0));
  sensing.kind = "time_domain";  // no capacitor
  CHECK(ArrayBlocks(blocks, array, sensing).cell_area_um2().value == Approx(3.3));
}

TEST_CASE("a cell that does not match costs C V^2, a line its gates and its wire") {
  const Blocks blocks = at(65, 1.0);
  SensingParams sensing;
  sensing.circuit.supply_v = 1.2;
  sensing.circuit.supply_error = -0.1;
  const double v2 = 1.08 * 1.08;
  const ArrayParams array;
  const ArrayBlocks blocks_of(blocks, array, sensing);
  const double side = std::sqrt(11.0);
  CHECK(blocks_of.cells().energy_pj("mismatch").value == Approx(22e-3 * v2));
  CHECK(blocks_of.search_lines().energy_pj("drive").value == Approx(16 * (2 * 0.12 + side * 0.2) * 1e-3 * v2));
  CHECK(blocks_of.matchlines().energy_pj("share").value == Approx(2 * 64 * (0.12 + side * 0.2) * 1e-3 * v2));
  CHECK(blocks_of.cells().energy_pj("write_row").value == Approx(64 * (2 * 0.12 + side * 0.2) * 1e-3 * v2));
}

TEST_CASE("the survey gives the published energies of converters") {
  const ConverterSurvey& survey = physical().units.of("converter_survey").front()->survey;
  const auto pj = [&](double bits, double rate) { return survey_energy_pj(survey, bits, rate).value; };
  // Computed from the published fit: 0.003 pJ (100 MS/s), 0.014 (500), 0.024 (700), 0.040 (1000) for 6 bits.
  CHECK(pj(6, 100e6) == Approx(0.003).margin(0.0005));
  CHECK(pj(6, 500e6) == Approx(0.014).margin(0.0005));
  CHECK(pj(6, 700e6) == Approx(0.024).margin(0.0006));
  CHECK(pj(6, 1e9) == Approx(0.040).margin(0.0005));
  CHECK(pj(8, 1e9) == Approx(0.640).margin(0.005));
}

TEST_CASE("both figures of a SAR converter are there, 58 times apart at 6 bits and 700 MS/s") {
  const Blocks blocks = at(40, 1.0);
  const SensingParams sensing;
  const Figure measured = converter_block(blocks, sensing, ConverterSource::measured, 700e6).energy_pj("convert");
  const Figure survey = converter_block(blocks, sensing, ConverterSource::survey, 700e6).energy_pj("convert");
  CHECK(measured.value == Approx(1.357).epsilon(1e-3));
  CHECK(measured.value / survey.value == Approx(58).epsilon(0.02));
  CHECK(measured.low == survey.low);
  CHECK(measured.high == survey.high);
  CHECK(survey.low == survey.value);
  CHECK(measured.high == measured.value);
}

TEST_CASE("a converter's kind and bits decide what it takes") {
  const Blocks blocks = at(65, 1.0);
  SensingParams sensing;
  const auto block = [&](const std::string& kind, std::uint32_t bits) {
    sensing.kind = kind;
    sensing.bits = bits;
    return converter_block(blocks, sensing, ConverterSource::measured, 500e6);
  };
  const double decision = blocks.energy_pj("comparator").value, adder = blocks.adder(1).energy_pj("add").value;
  // Flash: 2^b - 1 comparators, and 2^b - 1 - b full adders that count their ones.
  CHECK(block("flash", 4).energy_pj("convert").value == Approx(15 * decision + 11 * adder));
  CHECK(block("flash", 4).area_um2.value ==
        Approx(15 * blocks.area_um2("comparator").value + 11 * blocks.adder(1).area_um2.value));
  // SAR: one more bit takes twice the energy.
  CHECK(block("sar", 7).energy_pj("convert").value == Approx(2 * block("sar", 6).energy_pj("convert").value));
  CHECK(block("ramp", 6).energy_pj("compare").value == Approx(decision));
  CHECK(shared_reference(blocks, sensing).energy_pj("ramp_step").value > 0.0);
  CHECK(block("ideal", 6).area_um2.value == 0.0);
}

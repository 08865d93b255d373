// SPDX-License-Identifier: Apache-2.0
#include "cost/blocks/blocks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <numeric>

#include "cost/blocks/array_blocks.h"
#include "cost/blocks/converter_blocks.h"
#include "cost/blocks/delay_blocks.h"
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
  // Registers: of an exact product (bf16: 16 bits of significand, 9 of exponent, a sign), and of a 32-bit sum. In a
  // tree of 16 products: of four products' sum (two bits more), and a sixteenth of the sum's.
  const double bit_pj = blocks.energy_pj("register_bit").value, bit_um2 = blocks.area_um2("register_bit").value;
  CHECK(blocks.mac(ArithmeticFormat::bf16).energy_pj("mac").value == Approx(0.58 + 0.9 + (26 + 32) * bit_pj));
  CHECK(blocks.mac(ArithmeticFormat::int8).energy_pj("mac").value == Approx(0.2 + 0.1 + (16 + 32) * bit_pj));
  CHECK(blocks.mac(ArithmeticFormat::int8).area_um2.value == Approx(282 + 137 + (16 + 32) * bit_um2));
  CHECK(blocks.mac(ArithmeticFormat::int8, 16).energy_pj("mac").value ==
        Approx(0.2 + 0.1 + (18.0 / 4 + 32.0 / 16) * bit_pj));
}

TEST_CASE("a unit at another node costs the card's figure times the published factors") {
  const double energy = energy_ratio({45, 0.9}, {65, 1.0});
  CHECK(at(65, 1.0).multiply(ArithmeticFormat::fp32).energy_pj("multiply").value == Approx(3.7 * energy));
  CHECK(at(65, 1.0).multiply(ArithmeticFormat::fp32).area_um2.value == Approx(7700 / 0.66));
}

TEST_CASE("where sources disagree the interval spans them") {
  const Figure multiply = at(45, 0.9).multiply(ArithmeticFormat::fp32).energy_pj("multiply");
  CHECK(multiply.high == Approx(11.8 * energy_ratio({40, 1.0}, {45, 0.9})));  // 11.8 pJ at 40 nm and 1.0 V
  CHECK(multiply.low == Approx(3.7));
}

TEST_CASE("a memory of the card's size costs what the card says, and grows by the card's exponents") {
  const Blocks blocks = at(40, 1.0);
  const Block eight = blocks.sram(8192, 256), sixteen = blocks.sram(16384, 256);
  CHECK(eight.energy_pj("read").value == Approx(28.4));
  CHECK(eight.area_um2.value == Approx(27728.6));
  CHECK(sixteen.energy_pj("read").value == Approx(34.7).epsilon(0.01));  // the published 16 KiB memory
  CHECK(sixteen.area_um2.value == Approx(44820).epsilon(0.01));
  // Half of the width takes more than half of the energy (32 bits' worth is decoding and control), and 38 % of the area
  // goes with the width.
  CHECK(blocks.sram(8192, 128).energy_pj("read").value == Approx(28.4 * (128 + 32) / (256 + 32)));
  CHECK(blocks.sram(8192, 128).area_um2.value == Approx(27728.6 * (1 - 0.38 / 2)));
  CHECK(at(40, 0.5).sram(8192, 256).energy_pj("read").value == Approx(28.4 / 4));  // goes as the square of the supply
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
  const Block mac = at(45, 1.0).mac(ArithmeticFormat::fp32);  // the supply of the card of leakage
  CHECK(mac.leakage_mw.value == Approx(mac.area_um2.value * 12.2e-6));
  Technology hot{28, 0.9};
  hot.conditions.temperature_c = 87.0;
  // The memory's card is at 87 degC.
  const Block sram = Blocks(physical().units, hot).sram(8192, 512);
  CHECK(sram.leakage_mw.value == Approx(sram.area_um2.value * 103.4e-6));
  CHECK(at(28, 0.9).sram(8192, 512).leakage_mw.value < sram.leakage_mw.value / 10);
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
  sensing.circuit.cell_capacitance_ff = 1.0;  // rings and straps are not covered by a small capacitor
  CHECK(ArrayBlocks(blocks, array, sensing).cells().area_um2.value ==
        Approx(16 * 64 * 3.3 * blocks.factor_of_area("array_overhead").value));
}

TEST_CASE(
    "a cell that delays has an inverter and the switch of a load beside its memory, and is as large as its load") {
  const Blocks blocks = at(65, 1.0);
  SensingParams sensing;
  sensing.kind = "time_domain";
  const ArrayParams array;
  const double logic_um2 = blocks.area_um2("logic_bit").value;
  CHECK(ArrayBlocks(blocks, array, sensing).cell_area_um2().value == Approx(3.3 + 2.0 * logic_um2));
  sensing.circuit.delay_capacitance_ff = 60.0;  // 2 fF/um^2
  CHECK(ArrayBlocks(blocks, array, sensing).cell_area_um2().value == Approx(30.0));
}

TEST_CASE("a time-domain search takes C V^2 of every node its edges pass: cells, loads, the converter's elements") {
  const Blocks blocks = at(65, 1.0);
  SensingParams sensing;
  sensing.kind = "time_domain";
  sensing.circuit.supply_v = 0.8;
  sensing.circuit.cell_parasitic_ff = 0.5;
  sensing.circuit.delay_capacitance_ff = 1.5;
  const ArrayParams array;
  const ArrayBlocks of_array(blocks, array, sensing);
  CHECK(of_array.cells().energy_pj("match").value == Approx(0.5e-3 * 0.64));
  CHECK(of_array.cells().energy_pj("mismatch").value == Approx(2.0e-3 * 0.64));
  Config config;
  config.sensing = sensing;
  const auto run_pj = [&] { return delay_chain(blocks, config, 64).energy_pj("run").value; };
  // 63 elements of 1.5 fF each, as 64 elements are as long as 64 cells, and the 64 cells of the row that starts them.
  CHECK(run_pj() == Approx((63 * 1.5 + 64 * 0.5) * 1e-3 * 0.64));
  config.sensing.bits = 5;  // half as many elements, twice as long
  CHECK(run_pj() == Approx((31 * 3.0 + 64 * 0.5) * 1e-3 * 0.64));
  config.sensing.circuit.supply_v = 0.4;
  CHECK(run_pj() == Approx((31 * 3.0 + 64 * 0.5) * 1e-3 * 0.16));
  for (const char* kind : {"sar", "flash", "ramp", "ideal"}) {
    config.sensing.kind = kind;
    CHECK(run_pj() == 0.0);
    CHECK(delay_chain(blocks, config, 64).cards.empty());
  }
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
  // A chain of inverters, each four times the one before: gates and drains 2 (1/4 + 1/16 + ...) of the line.
  const double o = blocks.factor("line_overhead").value * (1.0 + 2.0 / 3.0);
  CHECK(blocks_of.cells().energy_pj("mismatch").value == Approx(22e-3 * v2));
  CHECK(blocks_of.search_lines().energy_pj("drive").value == Approx(o * 16 * (2 * 0.12 + side * 0.2) * 1e-3 * v2));
  CHECK(blocks_of.matchlines().energy_pj("share").value == Approx(o * 2 * 64 * (0.12 + side * 0.2) * 1e-3 * v2));
  CHECK(blocks_of.cells().energy_pj("write_row").value > o * 64 * (2 * 0.12 + side * 0.2) * 1e-3 * v2);  // and decodes
}

TEST_CASE("drivers and decoders grow with what they drive") {
  const Blocks blocks = at(65, 1.0);
  const SensingParams sensing;
  const auto of = [&](std::uint32_t rows, std::uint32_t columns) {
    ArrayParams array;
    array.rows = rows;
    array.columns = columns;
    return ArrayBlocks(blocks, array, sensing);
  };
  const auto driver = [&](std::uint32_t rows) { return of(rows, 64).search_lines().area_um2.value; };
  // Area is that of a first inverter and of fingers in proportion to the line.
  CHECK(driver(4096) - driver(2048) == Approx(2048.0 / 16 * (driver(32) - driver(16))));
  CHECK(driver(4096) > 10 * driver(16));
  CHECK(of(16, 1024).matchlines().area_um2.value > 5 * of(16, 64).matchlines().area_um2.value);
  CHECK(of(1024, 64).row_decoder().area_um2.value > 64 * of(16, 64).row_decoder().area_um2.value);
  CHECK(of(1024, 64).write_drivers().area_um2.value > of(16, 64).write_drivers().area_um2.value);
  CHECK(of(4096, 64).cells().energy_pj("write_row").value > of(16, 64).cells().energy_pj("write_row").value);
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

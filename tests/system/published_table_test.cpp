// SPDX-License-Identifier: Apache-2.0
// The published CAMformer design (arXiv 2511.19740, IEEE TCAS-I 2026) and the tables of its release
// (github.com/tmo324/CAMformerV1): every figure is a sum of its named parts, and prints as it does there.
#include <numeric>

#include "system/published_design.h"

namespace capcam::testing {
namespace {

constexpr int heads = 16, queries = 4;

// The parts of one head-query.
constexpr int tiles = 1024 / 16;
constexpr int rows = 16, kept = 32, lanes = 8;
constexpr int program_cycles_per_tile = rows / 4;
constexpr int shadow_merges = 2;  // the 64-entry register is full at tiles 32 and 48
constexpr int last_merge = 1;
constexpr int mac_issues = kept * published_dim / lanes;
constexpr int burst_bytes = 2 * published_dim * 2;  // 2 candidates of a tile, bf16

// The 65 to 45 nm normalisation of the release.
constexpr double energy_factor = 0.48 / 0.92, area_factor = 0.66;

struct Module {
  std::string component;
  double power_mw;
  int delay_cycles;
  double area_um2;  // area of one instance
  int count;        // number of instances
  int uses;         // uses of all instances per head-query
  bool normalized;  // true if 65 nm is brought to 45 nm
  double printed_energy_nj, printed_area_um2;
};

// The module table, in its order. The array's raw figures are those of 64 x 64 cells, a quarter of them here.
const std::vector<Module>& module_table() {
  static const std::vector<Module> table = {
      {"query_buffer", 1.54, 1, 3750, 1, 1 + tiles, true, 0.0522, 2475},
      {"key_sram", 28.4, 1, 27728.6, 1, tiles * program_cycles_per_tile, false, 7.2704, 27728.6},
      {"cam_array", 100.8 * 16 / 64, 1, 13516.8 * 16 / 64, 1, tiles * (program_cycles_per_tile + 1), true, 4.2073,
       2230.3},
      {"converter", 0.95, 2, 4000, rows, tiles, false, 1.9456, 64000},
      {"score_scaler", 0.047, 2, 126.72, rows, tiles, true, 0.0502, 1338.2},
      {"tile_selector", 11.660, 2, 13335.4, 1, tiles, true, 0.7787, 8801.3},
      {"candidate_register", 2.93, 1, 9155, 1, tiles + shadow_merges, true, 0.1009, 6042.3},
      {"merger", 99.815, 6, 101540.8, 1, shadow_merges + last_merge, true, 0.9374, 67016.9},
      {"exp_table", 1.418, 1, 1612.4, 1, kept, false, 0.0454, 1612.4},
      {"softmax_divider", 0.07109, 3, 441.5, 1, kept, false, 0.0068, 441.5},
      {"softmax_accumulator", 2.141, 1, 4363, 1, kept, true, 0.0357, 2879.6},
      {"output_buffer", 2.98, 1, 9077, 1, 3 * kept, true, 0.1493, 5990.8},
      {"value_sram", 34.7, 1, 44820, 1, tiles + mac_issues, false, 11.1040, 44820},
      {"value_mac", 2.141, 4, 4363, lanes, mac_issues, true, 9.1508, 23036.6},
  };
  return table;
}

double sum_of(const nlohmann::json& components, const std::vector<const char*>& names) {
  return std::accumulate(names.begin(), names.end(), 0.0,
                         [&](double sum, const char* name) { return sum + components.at(name).get<double>(); });
}

// The components of each coarse stage, as the release groups them.
const std::vector<const char*> association_parts = {"query_buffer", "key_sram",      "cam_array",         "converter",
                                                    "score_scaler", "tile_selector", "candidate_register"};
const std::vector<const char*> normalization_parts = {"merger", "exp_table", "softmax_divider", "softmax_accumulator",
                                                      "output_buffer"};
const std::vector<const char*> contextualization_parts = {"value_sram", "value_mac"};

}  // namespace

TEST_CASE("the published design uses each component as often as the published table says") {
  const nlohmann::json report = published_report(heads, queries);
  const auto& counts = report.at("counts");
  const auto per_head_query = [&](const char* action) { return counts.at(action).get<double>() / (heads * queries); };
  CHECK(per_head_query("query_buffer.write") == 1);
  CHECK(per_head_query("query_buffer.read") == tiles);
  CHECK(per_head_query("key_sram.read") == tiles * program_cycles_per_tile);
  // Loading keys is not charged there: it is counted once a head, and not paid for (closed_form_test.cpp).
  CHECK(per_head_query("key_sram.write") * queries == tiles * program_cycles_per_tile);
  CHECK(per_head_query("cam_array.program") == tiles * program_cycles_per_tile);
  CHECK(per_head_query("cam_array.search") == tiles);
  CHECK(per_head_query("converter.convert") == tiles * rows);
  CHECK(per_head_query("score_scaler.scale") == tiles * rows);
  CHECK(per_head_query("tile_selector.select") == tiles);
  CHECK(per_head_query("candidate_register.write") == tiles + shadow_merges);
  CHECK(per_head_query("merger.merge") == shadow_merges + last_merge);
  CHECK(per_head_query("exp_table.lookup") == kept);
  CHECK(per_head_query("softmax_accumulator.add") == kept);
  CHECK(per_head_query("softmax_divider.divide") == kept);
  CHECK(per_head_query("output_buffer.write") + per_head_query("output_buffer.read") == 2 * kept + kept);
  CHECK(per_head_query("value_sram.write") == tiles);
  CHECK(per_head_query("value_sram.read") == mac_issues);
  CHECK(per_head_query("value_mac.mac") == mac_issues * lanes);
  CHECK(per_head_query("dram.access") == tiles);
  CHECK(per_head_query("dram.value_bytes") == tiles * burst_bytes);
  CHECK(per_head_query("dram.key_bytes") * queries == published_keys * published_dim / 8);

  // The use counts as printed.
  const std::vector<int> printed = {65, 256, 320, 64, 64, 64, 66, 3, 32, 32, 32, 96, 320, 256};
  std::vector<int> ours;
  for (const Module& module : module_table()) ours.push_back(module.uses);
  CHECK(ours == printed);
}

TEST_CASE("every component of the published design has its published energy") {
  const nlohmann::json report = published_report(heads, queries);
  const auto& components = report.at("energy_pj").at("components");
  for (const Module& module : module_table()) {
    INFO(module.component);
    const double energy_pj = components.at(module.component).get<double>() / (heads * queries);
    const double expected_pj = module.power_mw * module.delay_cycles * module.count * module.uses *
                               (module.normalized ? energy_factor : 1.0);  // mW x cycles of 1 ns = pJ
    CHECK(energy_pj == Approx(expected_pj).epsilon(1e-12));
    CHECK(prints_as(energy_pj / 1e3, module.printed_energy_nj, 0.0001));
  }
  const double dram_pj = components.at("dram").get<double>() / (heads * queries);
  CHECK(dram_pj == Approx(12.4267 * 24 * tiles).epsilon(1e-12));  // mW x cycles of an access x accesses
  CHECK(components.size() == module_table().size() + 1);
}

TEST_CASE("every component of the published design has its published area") {
  const nlohmann::json report = published_report(1, 1);
  const auto& components = report.at("area_um2").at("components");
  double all = 0.0;
  for (const Module& module : module_table()) {
    INFO(module.component);
    const double area = components.at(module.component).get<double>();
    const double expected = module.area_um2 * module.count * (module.normalized ? area_factor : 1.0);
    all += expected;
    CHECK(area == Approx(expected).epsilon(1e-12));
    // The raw areas are printed to 0.1 um^2 as well, so a normalized one is known to half a unit and 0.66 of another.
    CHECK(prints_as(area, module.printed_area_um2, 0.1 * (1 + area_factor)));
  }
  CHECK(components.size() == module_table().size());
  CHECK(report.at("area_um2").at("total").get<double>() == Approx(all).epsilon(1e-12));
  CHECK(prints_as(all, 258413.5, 0.1 * (1 + area_factor)));
  CHECK(prints_as(all / 1e6, 0.258414, 1e-6));
}

TEST_CASE("the published design has its published totals of energy") {
  const nlohmann::json report = published_report(heads, queries);
  const auto& energy = report.at("energy_pj");
  const auto nj_per_head_query = [&](const char* part) {
    return energy.at(part).get<double>() / (heads * queries) / 1e3;
  };
  CHECK(prints_as(nj_per_head_query("on_chip"), 35.835, 0.001));
  CHECK(prints_as(nj_per_head_query("dram"), 19.087, 0.001));
  CHECK(prints_as(nj_per_head_query("total"), 54.92, 0.01));
  CHECK(energy.at("per_head_query").get<double>() / 1e3 == Approx(nj_per_head_query("total")).epsilon(1e-12));
  CHECK(energy.at("leakage").get<double>() == 0.0);  // the published table has none
  CHECK(energy.at("total").get<double>() == energy.at("on_chip").get<double>() + energy.at("dram").get<double>());

  // As the release prints it: head-queries per mJ, whole queries of 16 heads per mJ, and with its activity factor of 2.
  const auto& efficiency = report.at("efficiency");
  const double head_queries_per_mj = efficiency.at("head_queries_per_mj").get<double>();
  CHECK(prints_as(head_queries_per_mj, 18208, 1));
  CHECK(prints_as(efficiency.at("queries_per_mj").get<double>(), 1138, 1));
  CHECK(prints_as(head_queries_per_mj / 2, 9104, 1));
  CHECK(prints_as(efficiency.at("tops_per_w_on_chip").get<double>() * 1e3, 7372.5, 0.1));  // GOPS/W
}

TEST_CASE("the coarse stages of the published design have their published shares of energy and area") {
  const nlohmann::json report = published_report(heads, queries);
  const auto& energy = report.at("energy_pj").at("components");
  const auto& area = report.at("area_um2").at("components");
  const double to_nj_per_head_query = 1.0 / (heads * queries) / 1e3;
  // 14.405: the release prints 14.41.
  CHECK(prints_as(sum_of(energy, association_parts) * to_nj_per_head_query, 14.41, 0.01));
  CHECK(prints_as(sum_of(energy, normalization_parts) * to_nj_per_head_query, 1.17, 0.01));
  CHECK(prints_as(sum_of(energy, contextualization_parts) * to_nj_per_head_query, 20.25, 0.01));
  CHECK(prints_as(sum_of(area, association_parts), 112616, 1));
  CHECK(prints_as(sum_of(area, normalization_parts), 77941, 1));
  CHECK(prints_as(sum_of(area, contextualization_parts), 67857, 1));
}

TEST_CASE("the published design draws its published power in steady state") {
  const nlohmann::json report = published_report(heads, queries);
  const double interval_ns = report.at("cycles").at("steady_interval").get<double>();  // at 1 GHz
  const auto power_mw = [&](const char* part) {
    return report.at("energy_pj").at(part).get<double>() / head_queries_of(report) / interval_ns;
  };
  CHECK(prints_as(power_mw("on_chip"), 109.6, 0.1));
  CHECK(prints_as(power_mw("dram"), 58.4, 0.1));
  CHECK(prints_as(power_mw("total") / 1e3, 0.16796, 0.00001));

  // Dense-equivalent operations: scores, softmax, weighted sum.
  const double operations = 2.0 * 64 * 1024 + 2.0 * 1024 + 2.0 * 64 * 1024;
  CHECK(prints_as(operations / interval_ns, 807.9, 0.1));  // GOPS
  const double area_mm2 = report.at("area_um2").at("total").get<double>() / 1e6;
  CHECK(prints_as(operations / interval_ns / area_mm2, 3126.5, 0.1));

  // The bytes of V that a head-query fetches, at the rate of the steady state.
  const double bytes = report.at("counts").at("dram.value_bytes").get<double>() / head_queries_of(report);
  CHECK(prints_as(bytes / interval_ns, 50.1, 0.1));  // GB/s per core
}

TEST_CASE("sixteen cores have the published throughput, area and power") {
  const nlohmann::json report = published_report(heads, queries, {"accelerator.cores=16"});
  CHECK(prints_as(report.at("throughput").at("steady_queries_per_ms").get<double>(), 3058, 1));
  CHECK(prints_as(report.at("area_um2").at("total").get<double>() / 1e6, 4.135, 0.001));
  const double interval_ns = report.at("cycles").at("steady_interval").get<double>();
  const double energy_pj = report.at("energy_pj").at("total").get<double>() / head_queries_of(report);
  CHECK(prints_as(16 * energy_pj / interval_ns / 1e3, 2.687, 0.001));  // W
}

TEST_CASE("programming keys once for several queries saves the published energy") {
  // 25.2 pJ x (M + 4) / (1024 M) per cell and search at 65 nm, for the array alone.
  struct Point {
    int queries_per_program;
    double printed_pj;
  };
  for (const Point& point : {Point{1, 0.12305}, Point{2, 0.07383}, Point{32, 0.02769}}) {
    const int m = point.queries_per_program;
    INFO("queries per program: " << m);
    const nlohmann::json report =
        published_report(1, 32, {"array.queries_per_program=" + std::to_string(m), "memory.value_sram_kib=512"});
    const double cells_searched = report.at("counts").at("cam_array.search").get<double>() * 16 * 64;
    const double energy_pj = report.at("energy_pj").at("components").at("cam_array").get<double>() / energy_factor;
    CHECK(energy_pj / cells_searched == Approx(25.2 * (m + 4) / (1024.0 * m)).epsilon(1e-12));
    CHECK(prints_as(energy_pj / cells_searched, point.printed_pj, 0.00001));
  }
}

TEST_CASE("the published sensitivity table holds for the number of kept keys") {
  const nlohmann::json report = published_report(heads, queries, {"top_n.n=16"});
  CHECK(prints_as(report.at("throughput").at("steady_queries_per_ms").get<double>(), 191.1, 0.1));
  CHECK(prints_as(report.at("efficiency").at("head_queries_per_mj").get<double>() / 2, 10920, 1));
  CHECK(prints_as(report.at("area_um2").at("total").get<double>() / 1e6, 0.2584, 0.0001));
}

TEST_CASE("the published sensitivity table holds for arrays of 32 rows") {
  const nlohmann::json report = published_report(heads, queries, {"array.rows=32"});
  // 32 tiles of 32 keys, programmed in 8 cycles each, and the drain of the last.
  const int association = 32 * (32 / 4 + 1) + (2 + 2 + 2 + 1);
  CHECK(report.at("cycles").at("steady_interval").get<double>() == association);
  CHECK(prints_as(report.at("throughput").at("steady_queries_per_ms").get<double>(), 211.9, 0.1));

  // Twice the cells, converters and scalers; all else as it was.
  const auto& area = report.at("area_um2");
  const double more = 13516.8 * 16 / 64 * area_factor + 4000 * 16 + 126.72 * 16 * area_factor;
  double published = 0.0;
  for (const Module& module : module_table())
    published += module.area_um2 * module.count * (module.normalized ? area_factor : 1.0);
  CHECK(area.at("total").get<double>() == Approx(published + more).epsilon(1e-12));
  CHECK(prints_as(area.at("total").get<double>() / 1e6, 0.3260, 0.0001));

  // The published sweep keeps three merges whatever the number of tiles; 32 tiles fill the register once, so the
  // machine needs one. The merged candidates of a shadow merge are written back, too.
  const double merge_pj = 99.815 * 6 * energy_factor, write_pj = 2.93 * energy_factor;
  CHECK(report.at("counts").at("merger.merge").get<double>() == heads * queries * 1);
  const double energy_nj = report.at("energy_pj").at("per_head_query").get<double>() / 1e3;
  const double as_published_nj = energy_nj + (2 * merge_pj + 2 * write_pj) / 1e3;
  CHECK(1e6 / (2 * as_published_nj) == Approx(10600).epsilon(0.001));
}

}  // namespace capcam::testing

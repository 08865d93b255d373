// SPDX-License-Identifier: Apache-2.0
// Cycles of the whole machine against closed forms, derived from docs/timing.md; all with 1024 keys, dimension 64.
#include "system/published_design.h"

namespace capcam::testing {
namespace {

// Cycles of the default design.
constexpr int tiles = 1024 / 16, kept = 32;
constexpr int program = 16 / 4, search = 1;
constexpr int drain = 2 + 2 + 2 + 1;  // conversion, scaling, tile selection, register
constexpr int merge = 6;
constexpr int association = tiles * (program + search) + drain;
constexpr int normalization = merge + kept * 1 + kept * 3;  // look-ups, divisions one after another
constexpr int contextualization = kept * 64 / 8 + 4;        // issues, latency of the last
constexpr int latency = association + normalization + contextualization;

std::uint64_t total(const nlohmann::json& report) { return report.at("cycles").at("total").get<std::uint64_t>(); }
std::uint64_t first(const nlohmann::json& report) {
  return report.at("cycles").at("first_query_latency").get<std::uint64_t>();
}
double interval(const nlohmann::json& report) { return report.at("cycles").at("steady_interval").get<double>(); }

}  // namespace

TEST_CASE("a lone head-query takes the published 327, 134 and 260 cycles") {
  const nlohmann::json report = published_report(1, 1);
  CHECK(busy(report, "association") == 327);
  CHECK(busy(report, "normalization") == 134);
  CHECK(busy(report, "contextualization") == 260);
  CHECK(first(report) == 721);
  CHECK(total(report) == 721);
  CHECK(association == 327);
  CHECK(normalization == 134);
  CHECK(contextualization == 260);
  CHECK(latency == 721);
}

TEST_CASE("sixteen heads follow one another every 327 cycles, 191.1 whole queries a millisecond") {
  constexpr int heads = 16, queries = 4, head_queries = heads * queries;
  const nlohmann::json report = published_report(heads, queries);
  CHECK(busy(report, "association") == head_queries * association);
  CHECK(busy(report, "normalization") == head_queries * normalization);
  CHECK(busy(report, "contextualization") == head_queries * contextualization);
  CHECK(first(report) == latency);
  CHECK(interval(report) == association);
  CHECK(total(report) == latency + (head_queries - 1) * association);
  const auto& throughput = report.at("throughput");
  CHECK(throughput.at("steady_queries_per_ms").get<double>() == Approx(1e6 / association / heads).epsilon(1e-12));
  CHECK(prints_as(throughput.at("steady_queries_per_ms").get<double>(), 191.13, 0.01));
  CHECK(throughput.at("head_queries_per_ms").get<double>() ==
        Approx(1e6 * head_queries / (latency + (head_queries - 1) * association)).epsilon(1e-12));
}

TEST_CASE("the fine stages are busy as long as their work takes") {
  const nlohmann::json report = published_report(1, 1);
  CHECK(busy(report, "key_programming") == tiles * program);
  CHECK(busy(report, "cam_array") == tiles * search);
  CHECK(busy(report, "sensing") == tiles * 2);
  CHECK(busy(report, "tile_selection") == tiles * (2 + 2 + 1));  // scale, select, write
  CHECK(busy(report, "merge") == 3 * merge);                     // at tiles 32 and 48, and the last
  CHECK(busy(report, "softmax") == normalization - merge);
}

TEST_CASE("a head's values are paid for in DRAM even if one query asks for them") {
  const nlohmann::json report =
      published_report(1, 1, {"memory.value_source=sram", "memory.value_sram_kib=128", "memory.dram_card=hbm2"});
  CHECK(report.at("counts").at("dram.value_bytes").get<int>() == 1024 * 64 * 2);
  CHECK(report.at("energy_pj").at("dram").get<double>() == Approx(1024 * 64 * 16 * 3.9).epsilon(1e-12));
}

TEST_CASE("the published accounting counts the loads of keys and leaves them unpaid") {
  const nlohmann::json published = published_report(1, 4), honest = published_report(1, 4, {"cost.loads=counted"});
  CHECK(published.at("counts") == honest.at("counts"));
  CHECK(published.at("counts").at("dram.key_bytes").get<int>() == 1024 * 64 / 8);
  CHECK(published.at("cycles") == honest.at("cycles"));
  const auto dram = [](const nlohmann::json& report) { return report.at("energy_pj").at("dram").get<double>(); };
  CHECK(dram(honest) - dram(published) == Approx(1024 * 64 * 12.4267 * 24 / 256 / 8).epsilon(1e-9));
}

TEST_CASE("four arrays share the tiles") {
  const nlohmann::json report = published_report(1, 8, {"array.count=4"});
  const int four = tiles / 4 * (program + search) + drain;
  CHECK(busy(report, "association") == 8 * four);
  CHECK(first(report) == four + normalization + contextualization);
  CHECK(interval(report) == contextualization);  // the slowest stage now
  CHECK(total(report) == four + normalization + 8 * contextualization);
}

TEST_CASE("keys that fit the arrays are programmed once a head") {
  const nlohmann::json report = published_report(1, 3, {"array.count=64"});
  // All arrays work in parallel: the first query waits for its keys, the others find them there. All tiles reach the
  // register at once, so the merges at tiles 32 and 48 have no shadow to run in.
  const int query = search + drain + 2 * merge;
  CHECK(busy(report, "association") == program + 3 * query);
  CHECK(busy(report, "key_programming") == tiles * program);
  CHECK(report.at("counts").at("cam_array.program").get<int>() == tiles * program);
}

TEST_CASE("a pipelined divider starts a weight a cycle") {
  const nlohmann::json report = published_report(1, 1, {"softmax.pipelined_divider=true"});
  const int pipelined = merge + kept + (kept + 3);  // published: 32 + 3
  CHECK(busy(report, "normalization") == pipelined);
  CHECK(total(report) == association + pipelined + contextualization);
}

TEST_CASE("lanes that are not pipelined take the published 1024 cycles") {
  const nlohmann::json report = published_report(1, 6, {"value.pipelined_mac=false"});
  const int one_after_another = kept * 64 / 8 * 4;
  CHECK(one_after_another == 1024);
  CHECK(busy(report, "contextualization") == 6 * one_after_another);
  CHECK(first(report) == association + normalization + one_after_another);
  CHECK(interval(report) == one_after_another);
}

TEST_CASE("two queries a program share the programming and search in turn") {
  const nlohmann::json report = published_report(1, 2, {"array.queries_per_program=2"});
  // The second search of a tile waits the two cycles the converters need for the first; the first query has drained
  // two cycles before the second. Their contextualizations follow one another.
  const int pair = tiles * (program + search + 2) + drain;
  CHECK(busy(report, "association") == pair);
  CHECK(first(report) == (pair - 2) + normalization + contextualization);
  CHECK(total(report) == (pair - 2) + normalization + 2 * contextualization);
}

TEST_CASE("keys of two segments take a program and a search for each") {
  const nlohmann::json report = published_report(1, 1, {"array.columns=32"});
  CHECK(busy(report, "association") == tiles * 2 * (program + search) + drain);
  CHECK(report.at("counts").at("converter.convert").get<int>() == 2 * 1024);
}

TEST_CASE("overlapped queries enter as soon as the array is free") {
  constexpr int queries = 8;
  const nlohmann::json report = published_report(1, queries, {"pipeline.query_overlap=true"});
  CHECK(first(report) == latency);
  CHECK(interval(report) == tiles * (program + search));  // the drain is in the shadow of the next query
  CHECK(total(report) == latency + (queries - 1) * tiles * (program + search));
}

TEST_CASE("a channel wider than the published 50.1 GB/s is no bottleneck, a narrower one is") {
  constexpr int queries = 16;
  constexpr double bytes = 64 * 256;  // value rows of one head-query
  const nlohmann::json wide = published_report(1, queries, {"memory.bandwidth_gb_s=64"});
  CHECK(interval(wide) == association);
  const nlohmann::json narrow = published_report(1, queries, {"memory.bandwidth_gb_s=25"});
  const double moved = narrow.at("counts").at("dram.value_bytes").get<double>();
  CHECK(static_cast<double>(total(narrow)) >= moved / 25);  // bytes / (GB/s) = ns = cycles
  CHECK(interval(narrow) > association);
  CHECK(moved <= queries * bytes);
}

}  // namespace capcam::testing

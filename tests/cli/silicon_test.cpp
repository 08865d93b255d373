// SPDX-License-Identifier: Apache-2.0
// Prices against published macros: the page, the fitted factors, macros of the user's, and tables that are wrong.
#include <cmath>
#include <fstream>
#include <map>

#include "cli/refusal.h"

namespace capcam::testing {
namespace {

constexpr const char* header =
    "name,kind,node_nm,supply_v,matchlines,cells_per_matchline,cell_capacitance_ff,capacitance_tag,converter,"
    "converter_bits,converters,cycle_ns,array_pj,converter_pj,matchline_pj,array_mm2,converter_mm2,area_mm2,fj_per_bit,"
    "source,tag\n";

struct Macros {
  TemporaryFolder folder;
  std::string write(const std::string& lines) const {
    write_bytes(folder / "macros.csv", header + lines);
    return folder / "macros.csv";
  }
};

// The column `predicted` of each macro and component.
std::map<std::string, double> predicted(const std::string& macros) {
  const TemporaryFolder folder;
  const Ended run = run_capcam({"reproduce", "silicon", "--macros", macros, "--csv", folder / "out.csv"});
  INFO(run.err);
  REQUIRE(run.status == 0);
  std::map<std::string, double> figures;
  std::ifstream in(folder / "out.csv");
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::vector<std::string> cells(1);
    for (const char c : line) c == ',' ? cells.emplace_back() : cells.back() += std::string(c == '"' ? 0 : 1, c);
    figures[cells[0] + "." + cells[4]] = std::stod(cells[5]);
  }
  return figures;
}

}  // namespace

TEST_CASE("docs/silicon.md is what the program says today, and cards hold what is fitted") {
  const TemporaryFolder folder;
  const Ended run = run_capcam({"reproduce", "silicon", "--out", folder / "out"});
  INFO(run.err);
  REQUIRE(run.status == 0);
  // capcam reproduce silicon --markdown docs/silicon.md
  const bool page_is_current = read_bytes(folder / "out/silicon.md") == read_bytes(source_dir() / "docs/silicon.md");
  CHECK(page_is_current);
  // The last column of the table of factors is what the fitted rows give now, the third what the card says.
  std::size_t factors = 0;
  std::istringstream lines(run.out.substr(run.out.find("Factors that are fitted")));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string card, of, low, to, high;
    double value = 0.0, now = 0.0;
    std::size_t rows = 0;
    if (!(words >> card >> of >> value >> low >> to >> high >> rows >> now)) continue;
    INFO(line);
    CHECK(now == Approx(value).epsilon(0.01));
    ++factors;
  }
  CHECK(factors == 5);
}

TEST_CASE("rows that are left out have no part in any factor") {
  const auto factors = [](const std::string& out) { return out.substr(out.find("Factors that are fitted"), 600); };
  const TemporaryFolder folder;
  const auto data = folder.path() / "data";
  std::filesystem::create_directories(data);
  std::filesystem::copy(source_dir() / "models", data / "models", std::filesystem::copy_options::recursive);
  std::string text = read_bytes(data / "models/silicon/macros.csv"), changed;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(",left_out,") == std::string::npos) changed += line + "\n";
  }
  REQUIRE(changed.size() < text.size());
  write_bytes(data / "models/silicon/macros.csv", changed);
  const Ended all = run_capcam({"reproduce", "silicon"});
  const Ended fitted =
      Program({"/usr/bin/env", "CAPCAM_DATA=" + data.string(), capcam_binary(), "reproduce", "silicon"}).wait();
  REQUIRE(fitted.status == 0);
  CHECK(factors(all.out).substr(0, 400) == factors(fitted.out).substr(0, 400));
}

TEST_CASE("macros of one's own are priced at their own size, node and supply") {
  const Macros macros;
  const std::map<std::string, double> of =
      predicted(macros.write("once,charge_cim,65,1.0,64,256,2,,sar,6,64,100,1,1,1,1,1,1,,,\n"
                             "twice,charge_cim,65,1.0,64,512,2,,sar,6,64,100,1,1,1,1,1,1,,,\n"
                             "low,charge_cim,65,0.5,64,256,2,,sar,6,64,100,1,1,1,1,1,1,,,\n"
                             "finer,charge_cim,28,1.0,64,256,2,,sar,6,64,100,1,1,1,1,1,1,,,\n"
                             "cam,digital_cam,65,1.0,64,64,,,sense,1,64,,,,,,,,1,,\n"
                             "flash4,converter,65,1.0,,,,,flash,4,1,100,,1,,,1,,,,\n"
                             "flash5,converter,65,1.0,,,,,flash,5,1,100,,1,,,1,,,,\n"));
  CHECK(of.at("twice.array_pj") > 1.9 * of.at("once.array_pj"));
  CHECK(of.at("twice.array_mm2") > 1.8 * of.at("once.array_mm2"));
  CHECK(of.at("low.array_pj") == Approx(of.at("once.array_pj") / 4));
  CHECK(of.at("finer.array_mm2") < of.at("once.array_mm2"));
  CHECK(of.at("once.matchline_pj") == Approx(of.at("once.array_pj") + of.at("once.converter_pj")));
  CHECK(of.at("once.area_mm2") >
        1.1 * (of.at("once.array_mm2") + of.at("once.converter_mm2")));  // clock, control, wires
  CHECK(of.at("once.area_mm2") < 2.0 * (of.at("once.array_mm2") + of.at("once.converter_mm2")));
  // Half of 256 cells of 2 fF are charged to 1.0 V, at the least.
  CHECK(of.at("once.array_pj") > 128 * 2e-3);
  CHECK(of.at("flash5.converter_pj") > 1.8 * of.at("flash4.converter_pj"));
  CHECK(of.at("cam.fj_per_bit") > 0.1);
}

TEST_CASE("a macro that cards were fitted to counts as fitted in any table, another as left out") {
  const Macros macros;
  const std::string file = macros.write(
      "jia_jssc_2020_085v,charge_cim,65,0.85,256,2304,1.2,,sar,8,256,,9.7,,,,,,,,\n"
      "unseen,charge_cim,65,0.85,256,2304,1.2,,sar,8,256,,9.7,,,,,,,,\n");
  const Ended run = run_capcam({"reproduce", "silicon", "--macros", file});
  REQUIRE(run.status == 0);
  const std::size_t fitted = run.out.find("Fitted\n"), left_out = run.out.find("Left out\n");
  REQUIRE(fitted < left_out);
  CHECK(run.out.find("jia_jssc_2020_085v") < left_out);
  CHECK(run.out.find("unseen") > left_out);
}

TEST_CASE("any column but the name, the kind and the node may be empty, at any node") {
  const Macros macros;
  std::string lines;
  for (const char* node : {"7", "16", "22", "28", "40", "55", "90", "130", "180", "250"}) {
    lines += std::string("a") + node + ",charge_cim," + node + ",,,,,,,,,,1,1,1,1,1,1,,,\n";
    lines += std::string("b") + node + ",digital_cam," + node + ",,,,,,,,,,,,,,,,1,,\n";
    lines += std::string("c") + node + ",converter," + node + ",,,,,,,,,,,1,,,1,,,,\n";
  }
  const std::map<std::string, double> of = predicted(macros.write(lines));
  CHECK(of.size() == 10 * (6 + 1 + 2));
  for (const auto& [figure, value] : of) {
    INFO(figure);
    CHECK(std::isfinite(value));
    CHECK(value > 0.0);
  }
  write_bytes(macros.folder / "few.csv", "kind,name,node_nm\r\nconverter,x,65\r\n\r\n");  // other columns are missing
  CHECK(predicted(macros.folder / "few.csv").empty());
}

TEST_CASE("a table of macros that is wrong is refused by line and column, all problems at once") {
  const Macros macros;
  const auto refuse = [](const std::string& file, const std::vector<std::string>& because) {
    check_refused({"reproduce", "silicon", "--macros", file}, because);
  };
  refuse(macros.write("a,charge_cin,65,x,,,,,sarr,,,,,,,,,,,,\n"
                      ",converter,,1e9,,,,,,-1,,,,,,,,,,,\n"
                      "a,converter,65,,,,,,,,,,,0,,,,,,,\n"),
         {"macros\\.csv:2:3: kind: expected one of charge_cim, digital_cam, converter, got 'charge_cin'; did you mean",
          "macros\\.csv:2:17: supply_v: expected a number from 0\\.1 to 5, got 'x'",
          "macros\\.csv:2:23: converter: .*sarr", "macros\\.csv:3:1: name: expected a value, got nothing",
          "macros\\.csv:3:12: node_nm: expected a value, got nothing", "macros\\.csv:3:13: supply_v: .*1e9",
          "macros\\.csv:3:22: converter_bits: .*-1", "macros\\.csv:4:1: name: 'a' stands twice",
          "macros\\.csv:4:26: converter_pj: .*'0'"});
  refuse(macros.write("a,converter,65\n"), {"macros\\.csv:2:1: expected 21 cells, as the first line has, got 3"});
  refuse(macros.write("a,converter,65,,,,,,,,,,,,,,,,,\"open,\n"), {"macros\\.csv:2:32: this quote is not closed"});
  write_bytes(macros.folder / "head.csv", "name,kind,node,name\nx,converter,65,y\n");
  refuse(macros.folder / "head.csv",
         {"head\\.csv:1:11: unknown column 'node'.*did you mean 'node_nm'",
          "head\\.csv:1:16: column 'name' stands twice", "head\\.csv:1:1: expected a column 'node_nm', got none"});
  write_bytes(macros.folder / "empty.csv", "");
  refuse(macros.folder / "empty.csv", {"expected a line of column names, got nothing"});
  refuse(macros.folder / "none.csv", {"none\\.csv"});
  check_refused({"reproduce", "camformer", "--macros", macros.folder / "head.csv"}, {"--macros"});
}

}  // namespace capcam::testing

// SPDX-License-Identifier: Apache-2.0
// What design variables of the circuit cost, as the program's users see it, on both engines.
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "support/catch.h"
#include "support/program.h"

namespace capcam::testing {
namespace {

using Json = nlohmann::json;

// The report of a run of configs/pvt.toml on a small trace; both engines must say the same but for their name.
Json report_with(const std::vector<std::string>& sets) {
  const TemporaryFolder folder;
  const std::string trace = folder / "t.safetensors";
  REQUIRE(run_capcam({"trace", "synth", trace, "--heads", "2", "--kv-heads", "1", "--queries", "12", "--keys", "96",
                      "--head-dim", "64", "--value-dim", "8", "--distribution", "clustered"})
              .status == 0);
  Json reports[2];
  for (int i = 0; i < 2; ++i) {
    std::vector<std::string> arguments{
        "run", "pvt", "--trace", trace, "--json", "--engine", i == 0 ? "systemc" : "fast"};
    for (const std::string& set : sets)
      arguments.insert(arguments.end(), {"--set", set.find('.') < set.find('=') ? set : "sensing." + set});
    const Ended ended = run_capcam(arguments);
    INFO(ended.err);
    REQUIRE(ended.status == 0);
    reports[i] = Json::parse(ended.out);
    reports[i].erase("engine");
  }
  CHECK(reports[0] == reports[1]);
  return reports[0];
}

double l2(const Json& report) { return report["accuracy"]["ideal"]["relative_l2"]; }
double lsb_mv(const Json& report) { return report["circuit"]["lsb"]; }
double bits(const Json& report) { return report["circuit"]["effective_bits"]; }

}  // namespace

TEST_CASE("parasitic capacitance, supply, bits and time are not free, on both engines") {
  const Json usual = report_with({});
  CHECK(usual["circuit"]["unit"] == "mV");

  const Json loaded = report_with({"matchline_capacitance_ff=100000", "cell_parasitic_ff=0"});
  CHECK(lsb_mv(loaded) == Approx(1e3 * 1408.0 / 101408.0 / 64.0).epsilon(1e-6));
  CHECK(bits(loaded) < bits(usual) - 3.0);
  CHECK(l2(loaded) > 1.5 * l2(usual));

  const Json low = report_with({"supply_v=0.6", "threshold_v=0.2", "settling=false"});
  const Json high = report_with({"supply_v=1.2", "threshold_v=0.2", "settling=false"});
  CHECK(lsb_mv(high) == Approx(2.0 * lsb_mv(low)));
  CHECK(high["circuit"]["errors_rms_lsb"]["offset mismatch"].get<double>() ==
        Approx(0.5 * low["circuit"]["errors_rms_lsb"]["offset mismatch"].get<double>()));

  // Two bits more are not two effective bits more: the comparator is the same.
  const Json eight = report_with({"bits=8", "matchline_capacitance_ff=120"});
  const Json six = report_with({"bits=6", "matchline_capacitance_ff=120"});
  CHECK(eight["circuit"]["errors_rms_lsb"]["comparator noise"].get<double>() ==
        Approx(4.0 * six["circuit"]["errors_rms_lsb"]["comparator noise"].get<double>()));
  CHECK(bits(eight) < bits(six) + 1.0);

  CHECK(bits(report_with({"clock.frequency_ghz=4"})) < bits(usual) - 2.0);
  CHECK(bits(report_with({"rows_per_converter=16", "conversion_cycles=200", "leakage_pa=1000"})) < bits(usual) - 1.0);
  CHECK(l2(report_with({"switch_resistance_kohm=1000000", "matchline_capacitance_ff=0"})) > 1.8 * l2(usual));
}

TEST_CASE("in the time domain supply, load, parasitics, bits and time are not free either, on both engines") {
  const std::vector<std::string> kind{"kind=time_domain", "array.search_cycles=4", "cell_parasitic_ff=0.8"};
  const auto with = [&](std::vector<std::string> sets) {
    sets.insert(sets.begin(), kind.begin(), kind.end());
    return report_with(sets);
  };
  const Json usual = with({});
  CHECK(usual["circuit"]["unit"] == "ps");
  CHECK(lsb_mv(usual) == Approx(15.0));
  const auto edge = [](const Json& report) { return report["circuit"]["phases"]["edge"]["needed_ns"].get<double>(); };
  CHECK(edge(usual) == Approx(1.6));
  const auto delays = [](const Json& report) {
    return report["circuit"]["errors_rms_lsb"]["delay variation"].get<double>();
  };

  const Json low = with({"supply_v=0.7", "array.search_cycles=8"});
  CHECK(lsb_mv(low) == Approx(15.0 * 0.7 * std::pow(2.0, 1.3)));
  CHECK(delays(low) == Approx(2.0 * delays(usual)).epsilon(0.01));  // half of the overdrive; loads differ as before
  CHECK(bits(low) < bits(usual) - 0.5);

  const Json slow = with({"delay_capacitance_ff=2.4"});
  CHECK(lsb_mv(slow) == Approx(30.0));
  CHECK(edge(slow) == Approx(64 * 0.040));
  CHECK(delays(with({"cell_parasitic_ff=4"})) > 2.0 * delays(usual));

  const Json late = with({"array.search_cycles=1"});
  CHECK(late["circuit"]["errors_rms_lsb"]["late edges"].get<double>() > 10.0);
  CHECK(bits(late) < bits(usual) - 3.0);
  CHECK(late["accuracy"]["ideal"]["selection_recall"] < usual["accuracy"]["ideal"]["selection_recall"]);

  const Json seven = with({"bits=7", "delay_capacitance_ff=2.4"});  // elements of 15 ps again
  CHECK(lsb_mv(seven) == Approx(15.0));
  CHECK(seven["circuit"]["errors_rms_lsb"]["delay variation"].get<double>() > delays(usual));

  const Json clock = with({"reference_follows_supply=false", "supply_error=-0.1"});
  CHECK(bits(clock) < bits(usual) - 1.0);
}

TEST_CASE("conversion time is not free: comparators that cannot decide, on both engines") {
  const auto undecided = [](const Json& report) {
    return report["circuit"]["errors_rms_lsb"].value("undecided comparators", 0.0);
  };
  const Json usual = report_with({});
  const Json hurried = report_with({"conversion_cycles=1"});
  // Half of a sixth of a nanosecond less: by e^(-83 / 15).
  CHECK(undecided(hurried) == Approx(undecided(usual) * std::exp(1e3 / 12.0 / 15.0)));
  const std::string trimmed = "offset_mismatch_mv=0.5";
  CHECK(bits(report_with({"conversion_cycles=1", "bits=8", trimmed})) <
        bits(report_with({"conversion_cycles=4", "bits=8", trimmed})) - 0.5);
  CHECK_THAT(run_capcam({"check", "pvt", "--set", "sensing.conversion_cycles=1", "--set", "clock.frequency_ghz=2"}).out,
             ContainsSubstring("decision"));
}

TEST_CASE(
    "both engines charge each cell circuit by conservation of charge, and a switch of 1 GOhm by what it lets through") {
  const std::vector<std::string> bare{"cost.library=\"physical\"", "matchline_capacitance_ff=0", "cell_parasitic_ff=0"};
  const auto of = [&](const std::string& circuit, const std::string& more) {
    std::vector<std::string> sets = bare;
    sets.insert(sets.end(), {"cell_circuit=" + circuit, more});
    return report_with(sets);
  };
  const auto array_pj = [](const Json& report) { return report["energy_pj"]["components"]["cam_array"].get<double>(); };
  const auto count = [](const Json& report, const char* name) { return report["counts"][name].get<double>(); };
  const Json discharge = of("discharge", "settling=false"), charge = of("charge", "settling=false"),
             coupling = of("coupling", "settling=false");
  const double matches = count(discharge, "cam_array.match"), others = count(discharge, "cam_array.mismatch"),
               pairs = count(coupling, "cam_array.pair");
  const double other_pj = array_pj(discharge) - 22e-3 * others;  // 22 fF at 1 V: 22 fJ; programming is in all of them
  CHECK(other_pj > 0.0);
  CHECK(array_pj(charge) == Approx(other_pj + 22e-3 * matches).epsilon(1e-9));
  CHECK(array_pj(coupling) == Approx(other_pj + 22e-3 / 64.0 * pairs).epsilon(1e-9));
  for (const std::string circuit : {"discharge", "charge", "coupling"}) {
    CAPTURE(circuit);
    std::vector<std::string> sets = bare;
    sets.insert(sets.end(), {"cell_circuit=" + circuit, "switch_resistance_kohm=1000000"});
    CHECK(array_pj(report_with(sets)) == Approx(other_pj).epsilon(1e-3));
    CHECK(array_pj(of(circuit, "switch_resistance_kohm=0.5")) == Approx(array_pj(circuit == "discharge" ? discharge
                                                                                 : circuit == "charge"  ? charge
                                                                                                        : coupling))
                                                                     .epsilon(0.01));
  }
}

TEST_CASE("the row's own capacitance comes from cards by default, and takes its part of full scale, on both engines") {
  const Json usual = report_with({"kind=\"flash\""}),
             none = report_with({"kind=\"flash\"", "matchline_capacitance_ff=0"});
  const double line_ff = usual["circuit"]["matchline_ff"], cells_ff = 64.0 * usual["circuit"]["cell_ff"].get<double>();
  CHECK(line_ff > 40.0);
  CHECK(lsb_mv(usual) / lsb_mv(none) == Approx(cells_ff / (cells_ff + line_ff)));
}

TEST_CASE("a sampling capacitor is cut to the matchline that is given, and check says what it is") {
  CHECK_THAT(run_capcam({"check", "pvt", "--set", "sensing.matchline_capacitance_ff=20"}).out,
             ContainsSubstring("20 fF of matchline, 20 fF of it to sample on"));
  const Ended more = run_capcam(
      {"check", "pvt", "--set", "sensing.matchline_capacitance_ff=20", "--set", "sensing.sampling_capacitance_ff=21"});
  CHECK(more.status == 2);
  CHECK_THAT(more.err, ContainsSubstring("sensing.sampling_capacitance_ff") &&
                           ContainsSubstring("sensing.matchline_capacitance_ff"));
}

TEST_CASE("the time that leakage may take is that of the capacitor which is converted, and hold_ns does not move it") {
  const auto hold = [](const std::vector<std::string>& sets) {
    const Json circuit = report_with(sets)["circuit"];
    return std::pair{circuit["half_lsb_hold_ns"].get<double>(), circuit["hold_ns"].get<double>()};
  };
  // 1 uA per cell, and 7.5 / 2 times as much by the sampling switch, which is 7.5 times as wide as one of a cell's two.
  const auto [usual, takes] =
      hold({"leakage_pa=1000000", "matchline_capacitance_ff=80", "sampling_capacitance_ff=32", "cell_parasitic_ff=0"});
  CHECK(takes == Approx(2.5));
  const double half_lsb_v = 0.5 * 1408.0 / 1488.0 / 64.0, on_row_v_per_ns = 64.0 / 1488.0,
               on_sample_v_per_ns = 0.5 * 1.5 / 0.2 / 32.0;
  CHECK(0.5 * on_row_v_per_ns > half_lsb_v);  // it is gone before it is sampled
  CHECK(usual == Approx(half_lsb_v / on_row_v_per_ns).epsilon(1e-6));
  const auto [slow, same] =
      hold({"leakage_pa=100000", "matchline_capacitance_ff=80", "sampling_capacitance_ff=32", "cell_parasitic_ff=0"});
  CHECK(same == Approx(2.5));
  CHECK(slow == Approx(0.5 + (half_lsb_v - 0.05 * on_row_v_per_ns) / (0.1 * on_sample_v_per_ns)).epsilon(1e-6));
  CHECK(hold({"leakage_pa=100000", "matchline_capacitance_ff=80", "sampling_capacitance_ff=32", "cell_parasitic_ff=0",
              "hold_ns=2.5"})
            .first == Approx(slow));
}

TEST_CASE("check says what the later rows of a shared converter need to be sampled, and refuses to cut them off") {
  const Ended shared = run_capcam({"check", "pvt", "--set", "sensing.rows_per_converter=4"});
  CHECK(shared.status == 0);
  CHECK_THAT(shared.out, ContainsSubstring("sampling of later rows"));
  const Ended slow = run_capcam(
      {"check", "pvt", "--set", "sensing.rows_per_converter=4", "--set", "sensing.sampling_resistance_kohm=5"});
  CHECK_THAT(slow.out.substr(slow.out.find("sampling of later rows")), ContainsSubstring("too short"));
  const Ended open =
      run_capcam({"check", "pvt", "--set", "sensing.rows_per_converter=4", "--set", "sensing.share_switches=open"});
  CHECK(open.status == 2);
  CHECK_THAT(open.err, ContainsSubstring("sensing.share_switches (\"open\") cuts off"));
}

TEST_CASE("check says what an LSB is, what each phase needs and has, and which error is largest") {
  const Ended usual = run_capcam({"check", "pvt"});
  REQUIRE(usual.status == 0);
  for (const char* words : {"an LSB ", "effective bits", "precharge", "evaluation", "sharing", "sampling", "hold",
                            "offset mismatch", "fF of matchline"})
    CHECK_THAT(usual.out, ContainsSubstring(words));
  CHECK_THAT(run_capcam({"check", "pvt", "--set", "sensing.matchline_ohm_per_column=1"}).out,
             !ContainsSubstring("too short"));
  CHECK_THAT(run_capcam({"check", "pvt", "--set", "clock.frequency_ghz=3"}).out, ContainsSubstring("too short"));
  CHECK_THAT(run_capcam({"check", "pvt", "--set", "array.rows=4096"}).out, ContainsSubstring("too short"));
  CHECK_THAT(run_capcam({"check", "pvt", "--set", "sensing.kind=ideal"}).out, !ContainsSubstring("an LSB"));
}

TEST_CASE("keys of before are refused with the key to use now, and temperatures beyond the equations") {
  const auto refusal = [](const std::string& set) {
    const Ended ended = run_capcam({"check", "camformer", "--set", set});
    CHECK(ended.status == 2);
    return ended.err;
  };
  CHECK_THAT(refusal("sensing.offset_lsb=1"), ContainsSubstring("sensing.offset_mv"));
  CHECK_THAT(refusal("sensing.offset_mismatch_lsb=1"), ContainsSubstring("sensing.offset_mismatch_mv"));
  CHECK_THAT(refusal("sensing.comparator_noise_lsb=1"), ContainsSubstring("sensing.comparator_noise_mv"));
  CHECK_THAT(refusal("sensing.share_ns=1"), ContainsSubstring("sensing.sharing_part"));
  CHECK_THAT(refusal("sensing.delay_variation=0.1"), ContainsSubstring("sensing.threshold_mismatch_mv"));
  CHECK_THAT(refusal("sensing.cell_delay_ps=10"), ContainsSubstring("sensing.delay_capacitance_ff"));
  CHECK_THAT(refusal("sensing.temperature_c=-269"), ContainsSubstring("-100 to 200"));
  CHECK_THAT(refusal("sensing.hold_ns=soon"), ContainsSubstring("auto or a number"));
  CHECK_THAT(refusal("sensing.sharing_part=0.6"), ContainsSubstring("less than 1"));
}

}  // namespace capcam::testing

// SPDX-License-Identifier: Apache-2.0
// Inputs of a few bytes that ask for much: depth, sizes, endless files. And messages that name the true cause.
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "cli/refusal.h"
#include "support/sweep_files.h"

namespace capcam::testing {
namespace {

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("keys and values that nest too deeply are refused wherever TOML is read") {
  const SweepFiles files;
  const std::string deep = repeated(".a", 40'000);
  for (const std::string& text : {"[a" + deep + "]\n", "a" + deep + " = 1\n", "a = " + repeated("[", 100'000),
                                  "a = " + repeated("{a=", 100'000), "\"a\"" + repeated(" . \"a\"", 40'000) + " = 1"}) {
    write_bytes(files.folder / "deep.toml", text);
    check_refused({"check", files.folder / "deep.toml"}, {"deep\\.toml: nested more than 64 deep"});
    check_refused({"sweep", files.folder / "deep.toml", "--out", files.folder / "out"}, {"nested more than 64 deep"},
                  files.folder / "out");
  }
  check_refused({"check", "camformer", "--set", "a" + deep + "=1"},
                {"--set a\\.a.*\\.\\.\\.: nested more than 64 deep"});
  // Dots in texts, comments and numbers are no depth.
  write_bytes(files.folder / "dots.toml",
              "# " + deep + "\n[array]\nrows = 8\n[cost]\nlibrary = \"" + deep.substr(0, 400) + "\"\n");
  check_refused({"check", files.folder / "dots.toml"}, {"cost\\.library .*is no card library"});
}

TEST_CASE("a file that ends with a bracket is no configuration, and ends nothing else") {
  const TemporaryFolder folder;
  write_bytes(folder / "c.toml", "[");
  check_refused({"check", folder / "c.toml"}, {"c\\.toml:1:"});
}

TEST_CASE("a file without end is read to a limit") {
  const SweepFiles files;
  check_refused({"check", "/dev/zero"}, {"/dev/zero: cannot be read: it has more than 16777216 bytes"});
  check_refused({"sweep", files.sweep("", "s.toml"), "--out", files.folder / "o", "--objectives", "x"}, {"objectives"});
  check_refused({"cost", "camformer", "--counts", "/dev/zero"}, {"/dev/zero: it has more than 67108864 bytes"});
  check_refused({"trace", "import", "/dev/zero", files.folder / "t"}, {"it has more than"});
}

TEST_CASE("a sweep file of a few bytes cannot ask for more points than there is memory") {
  const SweepFiles files;
  const std::string out = files.folder / "out";
  check_refused({"sweep",
                 files.sweep("max_points = 1000000\n[grid]\n'array.rows' = {from=1,to=1e7,step=1}\n'array.count' = "
                             "{from=1,to=1e7,step=1}\n"),
                 "--out", out},
                {"has 100000000000000 points, more than max_points \\(1000000\\)"}, out);
  check_refused(
      {"sweep", files.sweep(repeated("[[linked]]\n'array.rows' = {from=1,to=100000,step=1}\n", 200)), "--out", out},
      {"more than max_points|varies twice"}, out);
  check_refused({"sweep", files.sweep(repeated("[[linked]]\n'array.rows' = [8]\n", 5000)), "--out", out},
                {"5000 axes: at most 256"}, out);
}

TEST_CASE("a header of two hundred thousand tensors is refused within seconds") {
  const TemporaryFolder folder;
  std::string header = R"({"__metadata__":{"format":"capcam-trace","version":"1"})";
  for (int i = 0; i < 200'000; ++i)
    header += ",\"t" + std::to_string(i) + R"(":{"dtype":"F32","shape":[0],"data_offsets":[0,0]})";
  write_bytes(folder / "t", safetensors_bytes(header + "}", ""));
  check_refused({"trace", "check", folder / "t"}, {"t0: unknown tensor", "and 199901 more"});
}

TEST_CASE("bytes behind the header's JSON are no part of a trace") {
  const TemporaryFolder folder;
  const std::string good = RawTrace().bytes();
  std::uint64_t length = 0;
  std::memcpy(&length, good.data(), sizeof length);
  const std::string header = good.substr(8, length), data = good.substr(8 + length);
  write_bytes(folder / "spaces", safetensors_bytes(header + "    ", data));
  CHECK(run_capcam({"trace", "check", folder / "spaces"}).status == 0);
  for (const std::string& behind : {std::string(4, '\0'), std::string("\0{}", 3), std::string("x")}) {
    write_bytes(folder / "more", safetensors_bytes(header + behind, data));
    check_refused({"trace", "check", folder / "more"},
                  {"header: (expected JSON and spaces, got a zero byte|parse error)"});
  }
}

TEST_CASE("counts that nest too deeply or are no JSON are refused by name") {
  const TemporaryFolder folder;
  for (const auto& [text, problem] :
       {std::pair<std::string, std::string>{repeated("[", 100'000), "nested more than 64 deep"},
        {"{\"schema\":", "not JSON"},
        {"7", "expected a report of capcam run"}}) {
    write_bytes(folder / "report.json", text);
    check_refused({"cost", "camformer", "--counts", folder / "report.json"}, {"report\\.json: .*" + problem});
  }
}

TEST_CASE("what trace check passes, capcam run takes") {
  const TemporaryFolder folder;
  for (const auto& [metadata, problem] :
       {std::pair<std::string, std::string>{R"(,"workload":"w","workload.layers":"0")",
                                            "workload\\.layers: expected a number"},
        {R"(,"workload":"w","workload.audio_s":"nan")", "workload\\.audio_s"},
        {R"(,"workload":"w","workload.audio_s":"1","workload.tokens_per_s":"1")", "are two budgets"},
        {R"(,"scale":"1e308","sigma_q.0":"1e10","sigma_k.0":"1e10")", "scale"}}) {
    RawTrace trace;
    trace.metadata += metadata;
    write_bytes(folder / "t", trace.bytes());
    check_refused({"trace", "check", folder / "t"}, {problem});
    check_refused({"run", "camformer", "--trace", folder / "t"}, {problem});
  }
}

TEST_CASE(
    "a value that does not fit the machine's format is refused in the same words by both engines, before the run") {
  const TemporaryFolder folder;
  RawTrace trace;
  trace.values[20] = -3.4e38f;  // of v: the first of the second key
  trace.values[22] = -3.4e38f;
  write_bytes(folder / "t", trace.bytes());
  std::vector<std::string> words;
  for (const std::string engine : {"fast", "systemc"}) {
    const Ended ended = run_capcam({"run", "camformer", "--trace", folder / "t", "--engine", engine});
    CHECK(ended.status == 2);
    words.push_back(ended.err.substr(ended.err.find("error: ")));
  }
  CHECK(words[0] == words[1]);
  CHECK_THAT(words[0], ContainsSubstring("do not fit value.format = \"bf16\"") &&
                           ContainsSubstring("layers.0.v[0, 0, 0, 0]: -3.4e+38 rounds to infinity"));
  CHECK(run_capcam({"run", "camformer", "--trace", folder / "t", "--set", "value.format=fp32"}).status == 0);
}

TEST_CASE("an output that cannot be written is an input error on both engines") {
  const Bench bench;
  for (const std::string engine : {"fast", "systemc"})
    check_refused({"run", "camformer", "--trace", bench.trace, "--engine", engine, "--dram-trace", "/dev/full"},
                  {"cannot write /dev/full: No space left on device"});
}

TEST_CASE("scores and outputs beyond the range of numbers are warned of, and no figure reads nan") {
  const Bench bench;
  RawTrace trace;
  trace.metadata += R"(,"scale":"1e300","sigma_q.0":"1","sigma_k.0":"1")";
  write_bytes(bench.trace, trace.bytes());
  const Ended ended = run_capcam(bench.run_with({}));
  INFO(ended.err);
  REQUIRE(ended.status == 0);
  CHECK_THAT(ended.out, !ContainsSubstring("nan") && !ContainsSubstring("inf "));
  CHECK_THAT(read_bytes(bench.out + "/heads.csv"), !ContainsSubstring("nan") && !ContainsSubstring("inf"));
  CHECK(nlohmann::json::accept(read_bytes(bench.out + "/report.json")));
  CHECK_THAT(ended.err, ContainsSubstring("warning: layer 0: scores of") && ContainsSubstring("means nothing"));
}

TEST_CASE("a folder is no configuration: of its name, the shipped one is meant") {
  const SweepFiles files;
  std::filesystem::create_directory(files.folder / "physical-65nm");
  std::filesystem::create_directory(files.folder / "camformer");
  write_bytes(files.folder / "e.toml", "extends = \"physical-65nm\"\n[array]\nrows = 8\n");
  CHECK(run_capcam({"check", files.folder / "e.toml"}).status == 0);
  write_bytes(files.folder / "s.toml", "base = 'camformer'\ntraces = ['small.safetensors']\n");
  CHECK(run_capcam({"sweep", files.folder / "s.toml", "--out", files.folder / "out"}).status == 0);
}

TEST_CASE("what may not be looked into is said to be closed, not missing or the same file twice") {
  if (::geteuid() != 0) {
    WARN("skipped: needs another user");
    return;
  }
  const Bench bench;
  const std::filesystem::path closed = bench.folder / "closed";
  std::filesystem::create_directory(closed);
  ::chmod(closed.c_str(), 0700);
  ::chmod(bench.folder.path().c_str(), 0755);
  const auto as_nobody = [&](const std::string& arguments) {
    return Program({"su", "nobody", "-s", "/bin/sh", "-c", capcam_binary() + " " + arguments}).wait();
  };
  if (as_nobody("--version").status != 0) {
    WARN("skipped: another user cannot start the program");
    return;
  }
  const Ended out = as_nobody("run camformer --trace " + bench.trace + " --out " + (closed / "o").string());
  CHECK(out.status == 2);
  CHECK_THAT(out.err, ContainsSubstring("cannot make the output folder") && ContainsSubstring("Permission denied") &&
                          !ContainsSubstring("same file"));
  const Ended config = as_nobody("check " + (closed / "c.toml").string());
  CHECK(config.status == 2);
  CHECK_THAT(config.err, ContainsSubstring("c.toml cannot be read: Permission denied"));
  const Ended synth = as_nobody("trace synth " + (closed / "t.st").string());
  CHECK(synth.status == 2);
  CHECK_THAT(synth.err, ContainsSubstring("cannot be written") && ContainsSubstring("Permission denied"));
  CHECK(synth.out == "");
}

TEST_CASE("no text of a card, a trace or a configuration plays with the terminal") {
  const Bench bench;
  RawTrace trace;
  trace.metadata += ",\"model\":\"m\xc2\x9b[31m \xe2\x80\xae\\u001b[2J\"";
  write_bytes(bench.trace, trace.bytes());
  std::filesystem::create_directories(bench.folder / "models");
  std::filesystem::copy(source_dir() / "models/camformer45", bench.folder / "models/camformer45",
                        std::filesystem::copy_options::recursive);
  std::string card;
  for (const auto& entry : std::filesystem::directory_iterator(bench.folder / "models/camformer45")) {
    card = read_bytes(entry.path());
    if (const std::size_t at = card.find("source = \""); at != std::string::npos)
      write_bytes(entry.path(), card.insert(at + 10, "\\u001b]0;owned\\u0007"));
  }
  write_bytes(bench.folder / "evil.toml", "extends = \"\\u001b[31mnone\"\n");
  const std::vector<std::vector<std::string>> commands = {
      {"trace", "info", bench.trace},
      {"trace", "info", bench.trace, "--json"},
      {"run", "camformer", "--trace", bench.trace},
      {"run", "camformer", "--trace", bench.trace, "--json"},
      {"cost", "camformer", "--models", bench.folder / "models"},
      {"cost", "camformer", "--models", bench.folder / "models", "--json"},
      {"check", bench.folder / "evil.toml"}};
  for (const std::vector<std::string>& command : commands) {
    const Ended ended = run_capcam(command);
    const std::string all = ended.out + ended.err;
    INFO(command[0] << " " << command[1]);
    for (const std::string bad : {"\x1b", "\x07", "\xc2\x9b", "\xe2\x80\xae"}) CHECK_THAT(all, !ContainsSubstring(bad));
    if (command.back() == "--json") CHECK(nlohmann::json::accept(ended.out));
  }
}

TEST_CASE("a path that is no UTF-8 is printed in JSON that is") {
  const Bench bench;
  const std::filesystem::path folder = bench.folder / "bad\xff\xfe";
  std::filesystem::create_directory(folder);
  std::filesystem::copy_file(bench.trace, folder / "t.st");
  for (const std::string command : {"run", "compare"}) {
    const Ended ended = run_capcam({command, "camformer", "--trace", folder / "t.st", "--json"});
    INFO(ended.err);
    CHECK(ended.status == 0);
    CHECK(nlohmann::json::accept(ended.out));
  }
}

}  // namespace capcam::testing

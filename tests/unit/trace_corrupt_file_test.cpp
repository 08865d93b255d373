// Broken and hostile files: every problem is named, nothing crashes.
// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include "capcam/trace.h"
#include "support/catch.h"
#include "support/raw_safetensors.h"
#include "trace/safetensors.h"
#include "trace/scan.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

std::string problems_with(const std::string& bytes) {
  const TemporaryFolder folder;
  write_bytes(folder / "t", bytes);
  return problems_of([&] { SafetensorsFile::open(folder / "t"); });
}

std::string problems_with(const std::string& header, std::size_t data_bytes) {
  return problems_with(safetensors_bytes(header, std::string(data_bytes, '\0')));
}

constexpr const char* good_a = R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";

std::string with_a(const std::string& rest) { return "{" + std::string(good_a) + rest + "}"; }

}  // namespace

TEST_CASE("a good small file has no problems", "[trace]") {
  CHECK(problems_with(with_a(""), 8).empty());
  CHECK(problems_with(with_a("") + "   ", 8).empty());  // padding, as the reference implementation writes it
  CHECK(problems_with("{}", 0).empty());
}

TEST_CASE("what is no regular file is named", "[trace]") {
  const TemporaryFolder folder;
  const auto open = [](const std::filesystem::path& path) { return problems_of([&] { SafetensorsFile::open(path); }); };
  CHECK_THAT(open(folder / "none"), ContainsSubstring("none is not a readable safetensors file") &&
                                        ContainsSubstring("No such file or directory"));
  CHECK_THAT(open(folder.path()), ContainsSubstring("expected a regular file, got a directory"));
  CHECK_THAT(open("/dev/zero"), ContainsSubstring("expected a regular file, got a device"));
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_THAT(open(folder / "pipe"), ContainsSubstring("expected a regular file, got a pipe"));
}

TEST_CASE("a header that does not fit its file is named", "[trace]") {
  const std::string good = safetensors_bytes(with_a(""), std::string(8, '\0'));
  CHECK_THAT(problems_with(""), ContainsSubstring("expected at least the 8 bytes of the header's length, got 0"));
  CHECK_THAT(problems_with(good.substr(0, 7)), ContainsSubstring("got 7"));
  CHECK_THAT(problems_with(good.substr(0, 20)),
             ContainsSubstring("is truncated") &&
                 ContainsSubstring("expected at least 62 bytes for the header, got 20"));  // 8 + 54
  CHECK_THAT(problems_with(std::string(8, '\xff') + good.substr(8)),
             ContainsSubstring("got 18446744073709551615"));  // 2^64 - 1 must not wrap round
  CHECK_THAT(problems_with(std::string(8, '\0')), ContainsSubstring("header: expected it to begin with '{'"));
}

TEST_CASE("a header longer than the format allows is refused before it is read", "[trace]") {
  const TemporaryFolder folder;
  const std::uint64_t length = 100'000'001;
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  write_bytes(folder / "t", bytes);
  std::filesystem::resize_file(folder / "t", 8 + length);  // a hole on disk, not written
  CHECK_THAT(problems_of([&] { SafetensorsFile::open(folder / "t"); }),
             ContainsSubstring("header length: expected at most 100000000, got 100000001"));
}

TEST_CASE("a header that is no JSON is named with the place", "[trace]") {
  CHECK_THAT(problems_with("{\"a\":", 0), ContainsSubstring("header: parse error at line 1"));
  CHECK_THAT(problems_with("{\"a\": 1} x", 0), ContainsSubstring("header: parse error"));
  CHECK_THAT(problems_with("{\"\xff\": 1}", 0), ContainsSubstring("invalid string"));
  CHECK_THAT(problems_with(" {}", 0), ContainsSubstring("expected it to begin with '{'"));
  CHECK_THAT(problems_with("[]", 0), ContainsSubstring("expected it to begin with '{'"));
}

TEST_CASE("deep nesting and endless lists end the reading", "[trace]") {
  CHECK_THAT(problems_with("{\"a\":" + std::string(1'000'000, '['), 0), ContainsSubstring("a: nested too deeply"));
  std::string open_objects;
  for (int i = 0; i < 100'000; ++i) open_objects += "{\"a\":";
  CHECK_THAT(problems_with(open_objects, 0), ContainsSubstring("a: nested too deeply"));
  std::string ones = "1";
  for (int i = 0; i < 100; ++i) ones += ",1";
  CHECK_THAT(problems_with(R"({"a":{"dtype":"F32","data_offsets":[0,4],"shape":[)" + ones + "]}}", 4),
             ContainsSubstring("a: a list of more than 64 values"));
}

TEST_CASE("data that is cut off or too long is named", "[trace]") {
  CHECK_THAT(problems_with(with_a(""), 7),
             ContainsSubstring("is truncated") &&
                 ContainsSubstring("expected at least 70 bytes for the tensors, got 69"));  // 8 + 54 + 8
  // The offset lies far beyond the end of the other tensors, so it is wrong and the file is not cut off.
  CHECK_THAT(
      problems_with(with_a(R"(,"b":{"dtype":"U8","shape":[4],"data_offsets":[80,84]})"), 12),
      ContainsSubstring("b: data_offsets: expected an end within the 12 bytes of data in the file, got [80,84]"));
  CHECK_THAT(problems_with(with_a(""), 9), ContainsSubstring("data: expected 8 bytes as the tensors say, got 9"));
  CHECK_THAT(problems_with("{}", 3), ContainsSubstring("data: expected 0 bytes as the tensors say, got 3"));
}

TEST_CASE("overlapping tensors and holes are named", "[trace]") {
  const auto second = [](const std::string& offsets) {
    return with_a(R"(,"b":{"dtype":"U8","shape":[4],"data_offsets":)" + offsets + "}");
  };
  CHECK(problems_with(second("[8,12]"), 12).empty());
  CHECK_THAT(problems_with(second("[6,10]"), 10),
             ContainsSubstring("b: data_offsets: expected to begin at byte 8, got 6: it overlaps a"));
  CHECK_THAT(problems_with(second("[9,13]"), 13),
             ContainsSubstring("b: data_offsets: expected to begin at byte 8, got 9: a hole before it"));
  CHECK_THAT(problems_with(second("[0,4]"), 8), ContainsSubstring("overlaps"));
  CHECK_THAT(problems_with(R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[1,5]}})", 5),
             ContainsSubstring("a: data_offsets: expected to begin at byte 0, got 1: a hole before it"));
}

TEST_CASE("an entry of the wrong form is named, with all that is wrong with it", "[trace]") {
  CHECK_THAT(problems_with(R"({"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}})", 8),
             ContainsSubstring("is not a capcam trace") &&
                 ContainsSubstring("a: has dtype I64 and must be F32, F16 or BF16: save it as one of these"));
  CHECK_THAT(problems_with(R"({"a":{"dtype":"I64","shape":[2],"data_offsets":[0,8]}})", 8),
             ContainsSubstring("a: data_offsets: expected 16 bytes for I64 [2], got 8 bytes"));
  CHECK_THAT(problems_with(R"({"a":{"dtype":"F33","shape":[1],"data_offsets":[0,8]}})", 8),
             ContainsSubstring("a: dtype: expected one of F32, F16, BF16, BOOL and U8, got \"F33\""));
  CHECK_THAT(problems_with(R"({"a":{"dtype":7,"shape":[1],"data_offsets":[0,8]}})", 8), ContainsSubstring("got 7"));
  CHECK_THAT(problems_with(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8),
             ContainsSubstring("a: shape: expected a list of sizes, integers from 0, got [-2]"));
  CHECK_THAT(problems_with(R"({"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}})", 8),
             ContainsSubstring("a: shape: expected a list of sizes, integers from 0, got [2.0]"));
  CHECK_THAT(problems_with(R"({"a":{"dtype":"F32","shape":[1e30],"data_offsets":[0,8]}})", 8),
             ContainsSubstring("a: shape: expected a list"));
  CHECK_THAT(problems_with(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8),
             ContainsSubstring("a: data_offsets: expected 12 bytes for F32 [3], got 8 bytes"));
  CHECK_THAT(problems_with(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", 8),
             ContainsSubstring("a: data_offsets: expected [begin, end] with 0 <= begin <= end, got [8,0]"));
  CHECK_THAT(problems_with(R"({"a":[1,2]})", 0), ContainsSubstring("a: expected an object with dtype"));
  CHECK_THAT(problems_with(with_a(R"(,"__metadata__":{"n":1})"), 8),
             ContainsSubstring("__metadata__: n: expected a string, got 1"));
  CHECK_THAT(problems_with(with_a(R"(,"__metadata__":"text")"), 8),
             ContainsSubstring("__metadata__: expected an object of strings"));
  const std::string all = problems_with(R"({"a":{"shape":{},"data_offsets":[0],"extra":1},"b":{}})", 0);
  for (const char* problem : {"a: dtype: missing", "a: shape: expected", "a: data_offsets: expected",
                              "a: unknown key \"extra\"", "b: dtype: missing", "b: shape: missing"}) {
    CHECK_THAT(all, ContainsSubstring(problem));
  }
}

TEST_CASE("a shape whose product overflows is named", "[trace]") {
  // 2^32 * 2^30 elements of 4 bytes are 2^64 bytes: 0 if they wrapped round.
  CHECK_THAT(problems_with(R"({"a":{"dtype":"F32","shape":[4294967296,1073741824],"data_offsets":[0,0]}})", 0),
             ContainsSubstring("a: shape: expected a tensor of less than 2^64 bytes, got [4294967296,1073741824]"));
}

TEST_CASE("keys given twice are named", "[trace]") {
  CHECK_THAT(problems_with(with_a("," + std::string(good_a)), 8), ContainsSubstring("a: given twice"));
  CHECK_THAT(problems_with(R"({"a":{"dtype":"F32","dtype":"U8","shape":[2],"data_offsets":[0,8]}})", 8),
             ContainsSubstring("a: key \"dtype\" given twice"));
  CHECK_THAT(problems_with(with_a(R"(,"__metadata__":{"x":"1","x":"2"})"), 8),
             ContainsSubstring("__metadata__: key \"x\" given twice"));
  // The same key in two tensors is no duplicate.
  CHECK(problems_with(with_a(R"(,"b":{"dtype":"U8","shape":[0],"data_offsets":[8,8]})"), 8).empty());
}

TEST_CASE("names from the file cannot write control characters into a message", "[trace]") {
  const std::string problems = problems_with(R"({"\u001b[2J\u0000\n":{}})", 0);
  CHECK_THAT(problems, ContainsSubstring("\\x1b[2J\\x00\\x0a: dtype: missing"));
  CHECK(problems.find('\x1b') == std::string::npos);
}

TEST_CASE("a file full of problems does not fill the memory with messages", "[trace]") {
  std::string header = "{";
  for (int i = 0; i < 1000; ++i) header += (i > 0 ? ",\"t" : "\"t") + std::to_string(i) + "\":0";
  CHECK_THAT(problems_with(header + "}", 0), ContainsSubstring("and 900 more"));
}

TEST_CASE("thousands of damaged files are opened or refused, never worse", "[trace]") {
  const TemporaryFolder folder;
  const std::filesystem::path path = folder / "t";
  SafetensorsWriter writer(path,
                           {{"format", "capcam-trace"}, {"version", "1"}, {"sigma_q.0", "1.5"}, {"causal", "true"}},
                           {{"layers.0.q", Dtype::f16, {1, 2, 2, 3}},
                            {"layers.0.k", Dtype::f16, {1, 1, 4, 3}},
                            {"layers.0.v", Dtype::f16, {1, 1, 4, 2}},
                            {"layers.0.mask", Dtype::boolean, {1, 4}}});
  writer.append(std::vector<float>(12 + 12 + 8, 0.5f));
  writer.append(std::vector<float>(4, 1.0f));
  writer.finish();
  const std::string good = read_bytes(path);
  REQUIRE(non_finite_values(open_trace(path)).empty());

  std::uint64_t state = 1;
  const auto next = [&state](std::uint64_t below) {  // Knuth's MMIX generator, its upper half
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
  };
  constexpr std::string_view telling = "0123456789[]{}\":,-.eE\\ \xff";  // bytes a JSON reader minds
  int opened = 0;
  int refused = 0;
  for (int i = 0; i < 8000; ++i) {
    std::string bytes = good;
    for (std::uint64_t damages = 1 + next(4); damages > 0 && !bytes.empty(); --damages) {
      const std::size_t at = next(bytes.size());
      switch (next(5)) {
        case 0:
          bytes[at] = static_cast<char>(next(256));
          break;
        case 1:
          bytes[at] = telling[next(telling.size())];
          break;
        case 2:
          bytes.erase(at, 1 + next(8));
          break;
        case 3:
          bytes.insert(at, bytes.substr(next(bytes.size()), 1 + next(16)));
          break;
        default:
          bytes.resize(at);
          break;
      }
    }
    // Every second time the length fits; otherwise nearly all damage would end at the length.
    if (i % 2 == 0 && bytes.size() > 8) {
      const std::uint64_t length = std::min<std::uint64_t>(good.size() - 8 - 68, bytes.size() - 8);  // 2 * 32 + 4 data
      std::memcpy(bytes.data(), &length, sizeof length);
    }
    write_bytes(path, bytes);
    try {
      non_finite_values(open_trace(path));
      ++opened;
    } catch (const InputError& error) {
      ++refused;
      REQUIRE(!error.problems().empty());
    }
  }
  CHECK(opened > 0);  // damage to values only
  CHECK(refused > opened);
}

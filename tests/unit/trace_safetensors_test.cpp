// SPDX-License-Identifier: Apache-2.0
#include "trace/safetensors.h"

#include <cmath>
#include <limits>
#include <vector>

#include "capcam/error.h"
#include "support/catch.h"
#include "support/raw_safetensors.h"

using namespace capcam;
using namespace capcam::testing;

namespace {

std::vector<float> values_of(const Tensor& tensor) {
  std::vector<float> values(tensor.elements());
  tensor.read(0, values);
  return values;
}

std::size_t files_in(const TemporaryFolder& folder) {
  const std::filesystem::directory_iterator begin(folder.path());
  return static_cast<std::size_t>(std::distance(begin, std::filesystem::directory_iterator{}));
}

}  // namespace

TEST_CASE("what is written is read back, for every dtype", "[trace]") {
  const TemporaryFolder folder;
  // 2^-14 is normal in all formats, 0.5 + 2^-10 needs the 10 fraction bits of F16 and is out of reach of BF16.
  const std::vector<float> values{0.0f, -0.0f, 1.0f, -2.5f, 0x1p-14f, 0.5f + 0x1p-10f};
  const std::vector<float> flags{0.0f, 1.0f, 1.0f};
  const std::vector<float> bytes{0.0f, 7.0f, 255.0f};
  SafetensorsWriter writer(folder / "all", {{"format", "any"}, {"text", "a \"quote\" and \xc3\xa4"}},
                           {{"single", Dtype::f32, {2, 3}},
                            {"flags", Dtype::boolean, {3}},  // three bytes: what follows is not aligned
                            {"half", Dtype::f16, {6}},
                            {"brain", Dtype::bf16, {3, 1, 2}},
                            {"none", Dtype::f32, {0, 4}},
                            {"bytes", Dtype::u8, {3}},
                            {"last", Dtype::f32, {}}});
  writer.append(values);
  writer.append(flags);
  writer.append(values);
  writer.append(values);
  writer.append(bytes);
  writer.append(std::vector<float>{42.0f});
  writer.finish();

  const auto file = SafetensorsFile::open(folder / "all");
  CHECK(file->metadata().at("text") == "a \"quote\" and \xc3\xa4");
  REQUIRE(file->tensors().size() == 7);
  CHECK(values_of(file->tensors().at("single")) == values);
  CHECK(std::signbit(values_of(file->tensors().at("single"))[1]));
  CHECK(file->tensors().at("single").shape == std::vector<std::uint64_t>{2, 3});
  CHECK(values_of(file->tensors().at("half")) == values);
  CHECK(file->tensors().at("half").dtype == Dtype::f16);
  CHECK(values_of(file->tensors().at("brain")) ==
        std::vector<float>{0.0f, -0.0f, 1.0f, -2.5f, 0x1p-14f, 0.5f});  // 2^-10 is a quarter of the step 2^-8
  CHECK(values_of(file->tensors().at("flags")) == flags);
  CHECK(file->tensors().at("flags").dtype == Dtype::boolean);
  CHECK(values_of(file->tensors().at("bytes")) == bytes);
  CHECK(file->tensors().at("none").elements() == 0);
  CHECK(values_of(file->tensors().at("last")) == std::vector<float>{42.0f});
  CHECK(file->bytes().size() == std::filesystem::file_size(folder / "all"));
  CHECK(files_in(folder) == 1);  // no partial file is left
}

TEST_CASE("a part of a tensor is read from any element on", "[trace]") {
  const TemporaryFolder folder;
  SafetensorsWriter writer(folder / "t", {}, {{"x", Dtype::bf16, {5}}});
  writer.append(std::vector<float>{0, 1});
  writer.append(std::vector<float>{2, 3, 4});
  writer.finish();
  const auto file = SafetensorsFile::open(folder / "t");
  const Tensor& tensor = file->tensors().at("x");
  std::vector<float> two(2);
  tensor.read(3, two);
  CHECK(two == std::vector<float>{3, 4});
  CHECK_THROWS_AS(tensor.read(4, two), LawBroken);
  CHECK_THROWS_AS(tensor.read(std::numeric_limits<std::uint64_t>::max(), two), LawBroken);
}

TEST_CASE("an unfinished file leaves nothing and does not touch an older one", "[trace]") {
  const TemporaryFolder folder;
  write_bytes(folder / "t", "old");
  {
    SafetensorsWriter writer(folder / "t", {}, {{"x", Dtype::f32, {2}}});
    writer.append(std::vector<float>{1});
    CHECK_THROWS_AS(writer.finish(), LawBroken);
  }
  CHECK(read_bytes(folder / "t") == "old");
  CHECK(files_in(folder) == 1);
}

TEST_CASE("more values than tensors hold are refused", "[trace]") {
  const TemporaryFolder folder;
  SafetensorsWriter writer(folder / "t", {}, {{"x", Dtype::f32, {1}}});
  CHECK_THROWS_AS(writer.append(std::vector<float>{1, 2}), LawBroken);
}

TEST_CASE("what cannot be written is an input error with its reason", "[trace]") {
  const TemporaryFolder folder;
  const auto make = [](const std::filesystem::path& path, const std::vector<SafetensorsWriter::Entry>& entries) {
    return problems_of([&] { SafetensorsWriter(path, {}, entries); });
  };
  CHECK_THAT(make(folder / "missing/t", {}), ContainsSubstring("No such file or directory"));
  CHECK_THAT(make(folder.path(), {}), ContainsSubstring("Is a directory"));
  CHECK_THAT(make("/dev/null", {}), ContainsSubstring("expected a regular file"));
  CHECK_THAT(make(folder / "t", {{"x", Dtype::f32, {1}}, {"x", Dtype::f32, {1}}}), ContainsSubstring("x: given twice"));
  constexpr std::uint64_t large = std::uint64_t{1} << 32;
  CHECK_THAT(make(folder / "t", {{"x", Dtype::f32, {large, large}}}), ContainsSubstring("less than 2^64 bytes"));
  CHECK(files_in(folder) == 0);
}

TEST_CASE("tensors at odd addresses are read", "[trace]") {
  const TemporaryFolder folder;
  // A header of odd length, so that F32 data begins at an odd byte; 1.0f is 00 00 80 3f.
  const std::string header = R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  write_bytes(folder / "t", safetensors_bytes(header + std::string(header.size() % 2 == 0 ? 1 : 2, ' '),
                                              std::string("\x00\x00\x80\x3f", 4)));
  CHECK(values_of(SafetensorsFile::open(folder / "t")->tensors().at("x")) == std::vector<float>{1.0f});
}

TEST_CASE("SHA-256 gives the published digests", "[trace]") {
  // FIPS 180-2 appendix B.1, and the digest of no bytes at all.
  const std::string abc = "abc";
  CHECK(sha256_hex(std::as_bytes(std::span(abc))) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256_hex({}) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

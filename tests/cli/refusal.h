// Wrong input on the command line, and small trace files for it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <map>
#include <regex>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/program.h"

namespace capcam::testing {

// Checks for exit status 2, an empty stdout, every one of the patterns in stderr, and no folder `out` left behind.
inline void check_refused(const std::vector<std::string>& arguments, const std::vector<std::string>& patterns,
                          const std::filesystem::path& out = "") {
  std::string shown;
  for (const std::string& argument : arguments) shown += argument + " ";
  const Ended ended = run_capcam(arguments);
  INFO("capcam " << shown << "\n" << ended.err);
  CHECK(ended.status == 2);
  CHECK(ended.out == "");
  for (const std::string& pattern : patterns) {
    INFO("/" << pattern << "/");
    CHECK(std::regex_search(ended.err, std::regex(pattern)));
  }
  if (!out.empty()) CHECK_FALSE(std::filesystem::exists(out));
}

// A trace of one layer, one head, 2 queries and 3 keys of 4 dimensions, values of 2. A test makes one thing wrong.
struct RawTrace {
  struct Entry {
    std::string dtype, shape;
    std::size_t begin, end;
  };
  std::map<std::string, Entry> tensors{{"layers.0.q", {"F32", "[1,1,2,4]", 0, 32}},
                                       {"layers.0.k", {"F32", "[1,1,3,4]", 32, 80}},
                                       {"layers.0.v", {"F32", "[1,1,3,2]", 80, 104}}};
  std::string metadata = R"("format":"capcam-trace","version":"1")";
  std::vector<float> values = std::vector<float>(26, 0.5f);

  std::string bytes() const {
    std::string header = "{\"__metadata__\":{" + metadata + "}";
    for (const auto& [name, entry] : tensors) {
      header += ",\"" + name + "\":{\"dtype\":\"" + entry.dtype + "\",\"shape\":" + entry.shape +
                ",\"data_offsets\":[" + std::to_string(entry.begin) + "," + std::to_string(entry.end) + "]}";
    }
    const std::string data(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
    return safetensors_bytes(header + "}", data);
  }
};

// A folder with a good trace, for tests of mistakes elsewhere.
struct Bench {
  Bench() { write_bytes(trace, RawTrace().bytes()); }

  // Runs capcam run camformer --trace (the good one) --out (a new folder) and more.
  std::vector<std::string> run_with(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments{"run", "camformer", "--trace", trace, "--out", out};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  TemporaryFolder folder;
  const std::string trace = folder / "good.safetensors";
  const std::string out = folder / "out";
};

}  // namespace capcam::testing

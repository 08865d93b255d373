// SPDX-License-Identifier: Apache-2.0
#include "config/writer.h"

#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <string>

#include "capcam/read_config.h"
#include "config/toml_reader.h"
#include "support/catch.h"
#include "support/config_files.h"
#include "support/places.h"

namespace capcam {
namespace {

using testing::ConfigFiles;

// Draws every field anew within its limits.
class Randomizer {
 public:
  explicit Randomizer(unsigned seed) : random_(seed) {}

  void field(std::string_view, bool& value, const Spec<bool>&) { value = random_() % 2 == 0; }
  void field(std::string_view, std::uint32_t& value, const Spec<std::uint32_t>& spec) {
    const std::uint32_t min = spec.min.value_or(0);
    const std::uint32_t max = spec.max.value_or(std::numeric_limits<std::uint32_t>::max());
    value = random_() % 8 == 0 ? (random_() % 2 == 0 ? min : max)
                               : std::uniform_int_distribution<std::uint32_t>(min, max)(random_);
  }
  void field(std::string_view, double& value, const Spec<double>& spec) {
    if (!spec.max && random_() % 3 == 0) {
      value = std::numeric_limits<double>::infinity();
    } else if (random_() % 3 == 0) {
      value = std::clamp(2.0, spec.min.value_or(2.0), spec.max.value_or(2.0));
    } else {
      const double low = std::max(spec.min.value_or(1e-300), 1e-300);
      const double high = spec.max.value_or(1e300);
      value = std::exp(std::uniform_real_distribution<double>(std::log(low), std::log(high))(random_));
      value = std::min(std::max(value, low), high);
    }
  }
  void field(std::string_view, std::string& value, const Spec<std::string>&) {
    static const std::string letters =
        std::string("ab \"\\'#=[]\n\t\x01\x1f\x7f") + "\xc3\xa9";  // the last: an e acute
    value.clear();
    for (auto length = random_() % 12; length > 0; --length) {
      const std::size_t at = random_() % (letters.size() - 1);
      value += at + 2 == letters.size() ? letters.substr(at) : letters.substr(at, 1);
    }
  }
  void derived(std::string_view name, std::optional<double>& value, const Spec<double>& spec) {
    if (random_() % 3 == 0) return value.reset();
    field(name, value.emplace(), spec);
  }
  void choice(std::string_view, std::string& value, const std::vector<Named>& options, const Spec<std::string>& = {}) {
    value = options[random_() % options.size()].name;
  }
  template <class E, std::size_t N>
  void choice(std::string_view, E& value, const Choice<E> (&options)[N], const std::type_identity_t<Spec<E>>& = {}) {
    value = options[random_() % N].value;
  }
  template <class S>
  void section(std::string_view, S& params) {
    S::describe(*this, params);
  }

 private:
  std::mt19937 random_;
};

TEST_CASE("what is written as TOML reads back as the same configuration") {
  const ConfigFiles files;
  for (unsigned seed = 0; seed < 300; ++seed) {
    Config config;
    Randomizer randomizer(seed);
    Config::describe(randomizer, config);
    const std::string text = config_to_toml(config);
    INFO(text);
    TomlReader reader(files.write("random.toml", text));  // without relations: these are random
    Config back;
    Config::describe(reader, back);
    reader.finish();
    CHECK(config_to_json(back) == config_to_json(config));
    CHECK(config_to_toml(back) == text);
  }
}

TEST_CASE("the resolved published design is the default, key for key, but for what it does not pay for") {
  const ConfigFiles files;
  const std::filesystem::path path = testing::source_dir() / "configs" / "camformer.toml";
  Config published;
  CHECK(published.cost.loads == LoadAccounting::counted);
  published.cost.loads = LoadAccounting::published;
  CHECK(config_to_json(read_config(path)) == config_to_json(published));
  CHECK(config_to_json(read_config(files.write("c.toml", config_to_toml(Config{})))) == config_to_json(Config{}));
}

TEST_CASE("the shipped camformer.toml writes out every key") {
  const std::filesystem::path path = testing::source_dir() / "configs" / "camformer.toml";
  TomlReader reader(path);
  const nlohmann::ordered_json json = config_to_json(Config{});
  for (const auto& [section, keys] : json.items()) {
    for (const auto& [key, value] : keys.items()) {
      INFO(section << "." << key);
      CHECK(reader.place(section + "." + key) != section + "." + key);
    }
  }
}

TEST_CASE("the early HAD design is one this machine can be") {
  const ConfigFiles files;
  const Config config = read_config(testing::source_dir() / "configs" / "had.toml");
  CHECK(config.clock.frequency_ghz == 1.0 / 2.0);  // 2 ns
  CHECK(config.array.rows == 96);
  CHECK(config.array.columns == 96);
  CHECK(config.sensing.bits == 11);
  CHECK(config.top_n.tile_k == 3);
  CHECK(config.top_n.n == 30);
  CHECK(config.top_n.register_entries == 11 * 3);  // ceil(1024 / 96) = 11 tiles
  // The table's sparse matrix product takes 15,360 cycles for 30 rows of 1024 values.
  CHECK_FALSE(config.value.pipelined_mac);
  CHECK(30 * 1024 / config.value.lanes * config.value.mac_cycles == 15360);
  CHECK(config.memory.key_sram_kib == 1024 * 1024 / 8 / 1024);
}

TEST_CASE("JSON holds every key by section, infinity as a string") {
  const nlohmann::ordered_json json = config_to_json(Config{});
  CHECK(json["array"]["rows"] == 16);
  CHECK(json["sensing"]["kind"] == "sar");
  CHECK(json["pipeline"]["query_overlap"] == false);
  CHECK(json["memory"]["bandwidth_gb_s"] == "inf");
  CHECK(json["cost"]["library"] == "camformer45");
  CHECK(json.begin().key() == "clock");  // in the order of `capcam explain`
  Config config;
  config.memory.bandwidth_gb_s = 0.1;
  CHECK(config_to_json(config)["memory"]["bandwidth_gb_s"].dump() == "0.1");
}

TEST_CASE("TOML has the shortest number, and a float is never written as an integer") {
  Config config;
  config.clock.frequency_ghz = 0.1;
  config.memory.bandwidth_gb_s = 50.0;
  CHECK_THAT(config_to_toml(config), ContainsSubstring("frequency_ghz = 0.1  # GHz; ") &&
                                         ContainsSubstring("\nbandwidth_gb_s = 50.0  # GB/s; "));
  config.memory.bandwidth_gb_s = std::numeric_limits<double>::infinity();
  CHECK_THAT(config_to_toml(config), ContainsSubstring("\nbandwidth_gb_s = inf  # GB/s; "));
}

}  // namespace
}  // namespace capcam

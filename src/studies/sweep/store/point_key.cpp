// SPDX-License-Identifier: Apache-2.0
#include "studies/sweep/store/point_key.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>
#include <filesystem>
#include <map>
#include <span>
#include <system_error>

#include "capcam/error.h"
#include "config/writer.h"
#include "core/read_file.h"
#include "core/resources.h"
#include "trace/safetensors.h"

namespace capcam {
namespace {

std::string digest(const std::string& text) {
  return sha256_hex(std::as_bytes(std::span<const char>(text.data(), text.size())));
}

}  // namespace

std::string cards_digest() {
  std::map<std::string, std::filesystem::path> files;  // a file is read in the first place that has it
  for (const std::filesystem::path& place : resource_folders()) {
    std::error_code failed;
    for (std::filesystem::recursive_directory_iterator it(place / "models", failed), end; !failed && it != end;
         it.increment(failed)) {
      if (it->path().extension() == ".toml") files.emplace(it->path().lexically_relative(place).string(), it->path());
    }
  }
  std::string text;
  for (const auto& [name, path] : files) {
    const FileText file = read_file(path, std::size_t{16} << 20);
    if (!file.problem.empty()) throw InputError(fmt::format("{} cannot be read: {}", path.string(), file.problem));
    text += fmt::format("{} {}\n{}\n", name, file.text.size(), file.text);
  }
  return digest(text);
}

std::string point_key(const Config& config, const Report::TraceInfo& trace, double accuracy_share,
                      const std::string& cards) {
  return digest(fmt::format("version {}\ncards {}\ntrace {}\nlayers {}\nseed {}\naccuracy {}\n{}\n", report_version(),
                            cards, trace.sha256.value_or(""), fmt::join(trace.layers, ","), config.seed, accuracy_share,
                            config_to_json(config).dump()));
}

double key_fraction(const std::string& key) {
  constexpr int digits = 13;  // 52 bits
  std::uint64_t number = 0;
  std::from_chars(key.data(), key.data() + digits, number, 16);
  return static_cast<double>(number) * 0x1p-52;
}

bool Shard::has(const std::string& key) const {
  // Takes other digits than key_fraction, so that shards and fractions are independent.
  std::uint64_t number = 0;
  std::from_chars(key.data() + 48, key.data() + 64, number, 16);
  return number % count == index - 1;
}

std::string Shard::text() const { return fmt::format("{}/{}", index, count); }

}  // namespace capcam

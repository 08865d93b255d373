// SPDX-License-Identifier: Apache-2.0
#include "apps/cli/shard.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>

#include "capcam/error.h"

namespace capcam {
namespace {

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::uint32_t slurm(const char* name) {
  const char* text = std::getenv(name);
  if (text == nullptr)
    throw InputError(
        fmt::format("--shard slurm: {} is not set: this is no task of a Slurm job array (sbatch --array)", name));
  if (const auto value = number(text)) return *value;
  throw InputError(fmt::format("--shard slurm: {} is '{}', expected a number", name, text));
}

// Task ids first, first + step, ... stand for shards 1, 2, ...
Shard slurm_shard() {
  const std::uint32_t id = slurm("SLURM_ARRAY_TASK_ID"), count = slurm("SLURM_ARRAY_TASK_COUNT"),
                      first = slurm("SLURM_ARRAY_TASK_MIN"), last = slurm("SLURM_ARRAY_TASK_MAX"),
                      step = slurm("SLURM_ARRAY_TASK_STEP");
  if (count == 0 || step == 0 || id < first || last < first || (last - first) / step + 1 != count ||
      (id - first) % step != 0)
    throw InputError(
        fmt::format("--shard slurm: the {} task ids from {} to {} do not follow each other in steps of {}: "
                    "submit the whole array (--array=1-{}), what is done is not done again",
                    count, first, last, step, count));
  return {(id - first) / step + 1, count};
}

}  // namespace

Shard read_shard(const std::string& text) {
  if (text == "slurm") return slurm_shard();
  const std::size_t slash = text.find('/');
  const auto index = number(std::string_view(text).substr(0, slash));
  const auto count = slash == std::string::npos ? std::nullopt : number(std::string_view(text).substr(slash + 1));
  if (!index || !count || *index < 1 || *index > *count)
    throw InputError(fmt::format("--shard: expected I/N with I from 1 to N (2/4), or slurm, got '{}'", text));
  return {*index, *count};
}

}  // namespace capcam

// Checks of numbers on the command line.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>

namespace capcam {

// CLI11 reads numbers with strtoull, which takes "-1" for 2^64 - 1 and cuts off numbers that are too large.
inline CLI::Validator whole_number(std::uint64_t least, std::uint64_t most) {
  return CLI::Validator(
      [least, most](const std::string& text) {
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool good = error == std::errc{} && end == text.data() + text.size() && number >= least && number <= most;
        return good ? std::string() : fmt::format("expected an integer from {} to {}, got '{}'", least, most, text);
      },
      "");
}

// Accepts a finite number above 0.
inline CLI::Validator positive() {
  return CLI::Validator(
      [](const std::string& text) {
        double number = 0.0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool good =
            error == std::errc{} && end == text.data() + text.size() && number > 0.0 && std::isfinite(number);
        return good ? std::string() : fmt::format("expected a number above 0, got '{}'", text);
      },
      "");
}

// Returns the number that the whole text is; nothing if it is none.
inline std::optional<double> number_in(const std::string& text) {
  double number = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// CLI11's Range lets "nan" pass.
inline CLI::Validator share() {
  return CLI::Validator(
      [](const std::string& text) {
        const std::optional<double> number = number_in(text);
        const bool good = number && *number >= 0.0 && *number <= 1.0;
        return good ? std::string() : fmt::format("expected a share from 0 to 1, got '{}'", text);
      },
      "");
}

// Accepts a share, or a word in its place.
inline CLI::Validator share_or(const std::string& word) {
  return CLI::Validator(
      [word](const std::string& text) {
        const std::optional<double> number = number_in(text);
        const bool good = text == word || (number && *number >= 0.0 && *number <= 1.0);
        return good ? std::string() : fmt::format("expected a share from 0 to 1 or {}, got '{}'", word, text);
      },
      "");
}

}  // namespace capcam

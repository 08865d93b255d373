// SPDX-License-Identifier: Apache-2.0
#include "cost/cards/design_point.h"

#include <fmt/format.h>

#include "config/writer.h"

namespace capcam {
namespace {

// Returns the value of "section.key" in the resolved configuration, or null.
nlohmann::ordered_json value_of(const nlohmann::ordered_json& root, const std::string& key) {
  const std::size_t dot = key.find('.');
  const auto section = root.find(key.substr(0, dot));
  if (section == root.end()) return nullptr;
  const auto value = section->find(key.substr(dot + 1));
  return value == section->end() ? nlohmann::ordered_json(nullptr) : *value;
}

std::string text_of(const nlohmann::ordered_json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

std::vector<std::string> differences(const DesignPoint& stated, const Config& config, const TraceShape* shape) {
  nlohmann::ordered_json ours = config_to_json(config);
  if (shape != nullptr) ours["trace"] = {{"head_dim", shape->head_dim}, {"value_dim", shape->value_dim}};
  std::vector<std::string> texts;
  for (const auto& [key, number] : stated.numbers) {
    const nlohmann::ordered_json value = std::isnan(number) ? nlohmann::ordered_json(nullptr) : value_of(ours, key);
    if (value.is_null() || (value.is_number() && value.get<double>() == number)) continue;
    texts.push_back(fmt::format("{} is {} instead of {}", key, text_of(value), number));
  }
  for (const auto& [key, word] : stated.words) {
    const nlohmann::ordered_json value = word.empty() ? nlohmann::ordered_json(nullptr) : value_of(ours, key);
    if (value.is_null() || text_of(value) == word) continue;
    texts.push_back(fmt::format("{} is {} instead of {}", key, text_of(value), word));
  }
  return texts;
}

}  // namespace capcam

// A configuration drawn from the input, every key within its range: written as TOML and read back it is the same.
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>

#include "bytes.h"
#include "config/toml_reader.h"
#include "config/writer.h"
#include "input.h"

using namespace capcam;

namespace {

// A visitor of Config::describe that gives every key a value.
class Drawer {
 public:
  explicit Drawer(fuzz::Bytes& bytes) : bytes_(bytes) {}

  void field(std::string_view, bool& out, const Spec<bool>&) { out = bytes_.take<std::uint8_t>() % 2 == 1; }

  void field(std::string_view, std::uint32_t& out, const Spec<std::uint32_t>& spec) {
    const std::uint64_t low = spec.min.value_or(spec.above ? *spec.above + 1 : 0);
    const std::uint64_t high = spec.max.value_or(std::numeric_limits<std::uint32_t>::max());
    out = static_cast<std::uint32_t>(low + bytes_.take<std::uint32_t>() % (high - low + 1));
  }

  void field(std::string_view, double& out, const Spec<double>& spec) {
    const auto drawn = bytes_.take<double>();
    if (std::isnan(drawn)) return;
    const bool endless = !spec.max && (spec.min || spec.above);  // then infinity is a value
    const double most = endless ? HUGE_VAL : std::numeric_limits<double>::max();
    double number = std::clamp(drawn, spec.min.value_or(-std::numeric_limits<double>::max()), spec.max.value_or(most));
    if (spec.above && number <= *spec.above) number = std::nextafter(*spec.above, HUGE_VAL);
    out = number;
  }

  void field(std::string_view, std::string& out, const Spec<std::string>&) {
    out.clear();
    for (std::uint8_t length = bytes_.take<std::uint8_t>() % 8; length > 0; --length) {
      const auto code = bytes_.take<std::uint8_t>();
      if (code < 0x80) {
        out += static_cast<char>(code);
      } else {  // U+0080 to U+00FF in UTF-8
        out += static_cast<char>(0xc0 | code >> 6);
        out += static_cast<char>(0x80 | (code & 0x3f));
      }
    }
  }

  template <class E, std::size_t N>
  void choice(std::string_view, E& out, const Choice<E> (&options)[N], const std::type_identity_t<Spec<E>>& = {}) {
    out = options[bytes_.take<std::uint8_t>() % N].value;
  }

  void derived(std::string_view name, std::optional<double>& out, const Spec<double>& spec) {
    if (bytes_.take<std::uint8_t>() % 2 == 0) return out.reset();
    field(name, out.emplace(), spec);
  }

  void choice(std::string_view, std::string& out, const std::vector<Named>& options, const Spec<std::string>& = {}) {
    out = options[bytes_.take<std::uint8_t>() % options.size()].name;
  }

  template <class S>
  void section(std::string_view, S& params) {
    S::describe(*this, params);
  }

 private:
  fuzz::Bytes& bytes_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Bytes bytes(data, size);
  Drawer drawer(bytes);
  Config config, again;
  Config::describe(drawer, config);
  const std::string text = config_to_toml(config);
  // Keys by themselves: relations between them, and the names of cards, are not what this is about.
  const bool reads = fuzz::accepts([&] {
    TomlReader reader(fuzz::written("drawn.toml", text));
    Config::describe(reader, again);
    reader.finish();
  });
  if (!reads) std::fprintf(stderr, "%s\n%s\n", text.c_str(), fuzz::refusal().c_str());
  fuzz::require(reads, "a configuration within its ranges reads back");
  fuzz::require(config_to_toml(again) == text, "it reads back the same");
  fuzz::require(config_to_json(again) == config_to_json(config), "its JSON is the same");
  return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "studies/reproduce/silicon/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "report/table.h"

namespace capcam::silicon {
namespace {

template <class E, std::size_t N>
std::string_view name_of(E value, const Choice<E> (&options)[N]) {
  for (const Choice<E>& option : options) {
    if (option.value == value) return option.name;
  }
  return "";
}

double factor_off(const Compared& one) { return std::exp(std::abs(std::log(one.ratio()))); }

std::vector<Compared> of_use(const std::vector<Compared>& all, Use use) {
  std::vector<Compared> some;
  for (const Compared& one : all) {
    if (one.macro->use == use) some.push_back(one);
  }
  return some;
}

// Says how far a set of figures is off: "12 figures: median within 1.4 times, ...".
std::string how_far(const std::vector<Compared>& some) {
  if (some.empty()) return "no figure";
  std::vector<double> off;
  double sum = 0.0;
  for (const Compared& one : some) {
    off.push_back(factor_off(one));
    sum += std::log(one.ratio());
  }
  std::sort(off.begin(), off.end());
  const std::size_t n = off.size();
  const double median = n % 2 == 1 ? off[n / 2] : std::sqrt(off[n / 2 - 1] * off[n / 2]);
  const auto within = [&](double factor) {
    return std::count_if(off.begin(), off.end(), [&](double one) { return one <= factor; });
  };
  return fmt::format(
      "{} figures: median within {:.2f} times, {} within 1.5, {} within 2, {} beyond 3, worst {:.2f}; geometric mean "
      "of predicted over published {:.2f}",
      n, median, within(1.5), within(2.0), static_cast<std::ptrdiff_t>(n) - within(3.0), off.back(),
      std::exp(sum / static_cast<double>(n)));
}

struct Component {
  const char* name;
  std::optional<double> Macro::*published;
  Figure (*predicted)(const Prediction&);
};
constexpr Component components[] = {
    {"array_pj", &Macro::array_pj, [](const Prediction& p) { return p.array_pj(); }},
    {"converter_pj", &Macro::converter_pj, [](const Prediction& p) { return p.converter_pj; }},
    {"matchline_pj", &Macro::matchline_pj, [](const Prediction& p) { return p.matchline_pj(); }},
    {"fj_per_bit", &Macro::fj_per_bit, [](const Prediction& p) { return p.fj_per_bit(); }},
    {"array_mm2", &Macro::array_mm2, [](const Prediction& p) { return p.array_mm2; }},
    {"converter_mm2", &Macro::converter_mm2, [](const Prediction& p) { return p.converter_mm2; }},
    {"area_mm2", &Macro::area_mm2, [](const Prediction& p) { return p.macro_mm2; }},
};

TextTable table_of(const std::vector<Compared>& some) {
  TextTable table({{"macro"},
                   {"nm", Align::right},
                   {"figure"},
                   {"predicted", Align::right},
                   {"low to high", Align::right},
                   {"published", Align::right},
                   {"ratio", Align::right},
                   {"error", Align::right},
                   {"tag"}});
  for (const Compared& one : some) {
    const Figure& p = one.predicted;
    table.row({one.macro->name, fmt::format("{:g}", one.macro->node_nm), one.component, fmt::format("{:.3g}", p.value),
               fmt::format("{:.3g} to {:.3g}", p.low, p.high), fmt::format("{:.3g}", one.published),
               fmt::format("{:.2f}", one.ratio()), fmt::format("{:+.0f} %", 100.0 * (one.ratio() - 1.0)),
               one.macro->tag});
  }
  return table;
}

TextTable factor_table(const std::vector<Fitted>& factors) {
  TextTable table({{"card"},
                   {"of"},
                   {"value", Align::right},
                   {"low to high", Align::right},
                   {"rows", Align::right},
                   {"fitted now", Align::right}});
  for (const Fitted& one : factors) {
    table.row({one.unit, one.quantity, fmt::format("{:.3g}", one.on_card.value),
               fmt::format("{:.3g} to {:.3g}", one.on_card.low, one.on_card.high), fmt::format("{}", one.rows),
               fmt::format("{:.3g}", one.value.value)});
  }
  return table;
}

struct Group {
  Use use;
  const char* title;
};
constexpr Group groups[] = {{Use::fit, "Fitted"}, {Use::left_out, "Left out"}};

// How far each kind of macro is off, one line each.
std::vector<std::string> by_kind(const std::vector<Compared>& some) {
  std::vector<std::string> lines;
  for (const Choice<MacroKind>& kind : macro_kinds) {
    std::vector<Compared> of_kind;
    for (const Compared& one : some) {
      if (one.macro->kind == kind.value) of_kind.push_back(one);
    }
    if (!of_kind.empty()) lines.push_back(fmt::format("{}: {}", kind.name, how_far(of_kind)));
  }
  return lines;
}

std::string assumptions(const Study& study) {
  std::string text;
  for (std::size_t i = 0; i < study.macros.size(); ++i) {
    if (!study.predictions[i].assumed.empty())
      text += fmt::format("  {}: {}\n", study.macros[i].name, fmt::join(study.predictions[i].assumed, ", "));
  }
  return text;
}

std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos; at += 2) text.insert(at, 1, '"');
  return '"' + text + '"';
}

}  // namespace

Study study(const std::string& file, std::vector<Macro> macros, const UnitCards& units, bool shipped) {
  Study study;
  study.file = file;
  study.macros = std::move(macros);
  for (const Macro& macro : study.macros) study.predictions.push_back(predict(macro, units));
  if (shipped) study.factors = fit(study.macros, units);
  return study;
}

std::vector<Compared> compared(const Study& study) {
  std::vector<Compared> all;
  for (std::size_t i = 0; i < study.macros.size(); ++i) {
    const Macro& macro = study.macros[i];
    for (const Component& component : components) {
      const std::optional<double>& published = macro.*component.published;
      const Figure predicted = component.predicted(study.predictions[i]);
      if (published && predicted.value > 0.0) all.push_back({&macro, component.name, *published, predicted});
    }
  }
  return all;
}

std::string silicon_text(const Study& study) {
  const std::vector<Compared> all = compared(study);
  std::string text = fmt::format("{}: {} macros, {} published figures\n", study.file, study.macros.size(), all.size());
  for (const Group& group : groups) {
    const std::vector<Compared> some = of_use(all, group.use);
    if (some.empty()) continue;
    text += fmt::format("\n{}\n{}\n{}\n{}", group.title, how_far(some), fmt::join(by_kind(some), "\n"),
                        table_of(some).text());
  }
  if (!study.factors.empty()) text += "\nFactors that are fitted\n" + factor_table(study.factors).text();
  const std::string assumed = assumptions(study);
  if (!assumed.empty()) text += "\nAssumed, because the row does not say\n" + assumed;
  return text;
}

std::string silicon_csv(const Study& study) {
  std::string text = "macro,kind,node_nm,use,component,predicted,low,high,published,ratio,error,tag,source\n";
  for (const Compared& one : compared(study)) {
    const Macro& m = *one.macro;
    text +=
        fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", quoted(m.name), name_of(m.kind, macro_kinds), m.node_nm,
                    name_of(m.use, use_kinds), one.component, one.predicted.value, one.predicted.low,
                    one.predicted.high, one.published, one.ratio(), one.ratio() - 1.0, quoted(m.tag), quoted(m.source));
  }
  return text;
}

std::string silicon_markdown(const Study& study) {
  const std::vector<Compared> all = compared(study);
  std::string text =
      "# Prices against silicon\n\n"
      "Written by `capcam reproduce silicon --markdown docs/silicon.md`; a test fails when it is not what the program "
      "says.\n"
      "The library `physical` prices published macros and converters at their own size, node, supply, capacitor and\n"
      "converter, with the same blocks as the machine: one operation of one matchline, half of its cells matching. "
      "The\n"
      "macros are data ([models/silicon](../models/silicon/README.md)); `--macros FILE` prices others in the same "
      "form.\n\n"
      "![predicted against published](figures/silicon.svg)\n\n"
      "The figure is drawn by `python scripts/silicon_fit.py`; the band is a factor of two.\n\n";
  for (const Group& group : groups) {
    const std::vector<Compared> some = of_use(all, group.use);
    text += fmt::format("- {}: {}.\n", group.title, how_far(some));
    for (const std::string& line : by_kind(some)) text += fmt::format("  - {}.\n", line);
  }
  text +=
      "\nThe aim is a median within 1.5 and none beyond 3 of what is left out. What misses it, and why, is in the "
      "remarks\n"
      "below the tables. What they have in common: circuits whose point is not to charge what is priced (NAND\n"
      "matchlines, stepwise charging), inputs that converters of their own drive, and areas of parts that stand "
      "alone.\n"
      "Published converters of 8 bits take 1.1 to 10 pJ here, and the ratio to the sum of their parts differs by six\n"
      "times among the fitted ones: one factor cannot bring them to one line.\n"
      "\n## What is fitted\n\n"
      "Cards cannot state what a converter, the lines and an array take beside their parts. These factors are fitted "
      "to\n"
      "the rows marked `fit` alone, as the geometric mean of published over predicted; their interval is the smallest\n"
      "and the largest of them. Chips alternate between both halves in the order of the file, within a kind; two rows "
      "of\n"
      "one chip stay together. The order was fixed before anything was priced, and no price, card or row was changed\n"
      "after the rows left out had been priced. Looking at the fitted rows alone changed five rules before that: the "
      "area\n"
      "of drivers, half of the search lines of a digital CAM that change, sense amplifiers without the factor of\n"
      "converters, lines of digital CAMs with a factor of their own, and areas of converters that stand alone left "
      "out.\n"
      "A small gap is no evidence for any value in a card: errors of parts\n"
      "cancel in sums. What this page cannot show: no fabricated CAM that shares charge is known, most macros are of "
      "65 nm\n"
      "and of many-bit inputs, and most unit capacitors are assumed or from memory.\n\n" +
      factor_table(study.factors).markdown() +
      "\nThe parts of a converter come to less than a third of what published ones take: clocks, references, drivers "
      "of the\n"
      "capacitors and margins are in the factor, which is fitted to successive approximation and multiplies flash, "
      "too. A\n"
      "factor of lines below 1 says that other macros' cells are smaller than the card's and that not all of their "
      "inputs\n"
      "change in every operation, while the one array whose split is published (Jia) takes twice what is predicted.\n";
  for (const Group& group : groups) {
    const std::vector<Compared> some = of_use(all, group.use);
    text += fmt::format("\n## {}\n\n{}.\n\n{}", group.title, how_far(some), table_of(some).markdown());
    std::string remarks;
    for (const Macro& macro : study.macros) {
      if (macro.use == group.use && !macro.remark.empty())
        remarks += fmt::format("- {}: {}.\n", macro.name, macro.remark);
    }
    if (!remarks.empty()) text += "\n" + remarks;
  }
  text += "\n## Assumed\n\nWhat a row does not say is assumed:\n\n";
  for (std::size_t i = 0; i < study.macros.size(); ++i) {
    if (!study.predictions[i].assumed.empty())
      text += fmt::format("- {}: {}\n", study.macros[i].name, fmt::join(study.predictions[i].assumed, ", "));
  }
  text += "\n## Sources\n\n";
  for (const Macro& macro : study.macros) text += fmt::format("- {} ({}): {}.\n", macro.name, macro.tag, macro.source);
  return text;
}

}  // namespace capcam::silicon

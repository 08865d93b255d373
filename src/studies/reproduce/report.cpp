// SPDX-License-Identifier: Apache-2.0
#include "studies/reproduce/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "report/table.h"

namespace capcam {
namespace {

using reproduce::Basis;
using reproduce::Checked;
using reproduce::ComparedTable;
using reproduce::Row;
using reproduce::Verdict;

// Writes 1234567.8 as 1,234,567.8.
std::string grouped(double value, std::uint32_t decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  const std::size_t first = text[0] == '-' ? 1 : 0;
  std::size_t at = std::min(text.find('.'), text.size());
  while (at > first + 3) text.insert(at -= 3, ",");
  return text;
}

// Writes the decimals of the published figure; where ours is far smaller, up to three more.
std::string figure(const std::optional<double>& value, const Row& row) {
  if (!value) return "";
  std::uint32_t decimals = row.published.decimals;
  while (*value != 0.0 && std::abs(*value) * std::pow(10.0, decimals) < 100.0 && decimals < row.published.decimals + 3)
    ++decimals;
  if (std::abs(*value - row.published.value) <= 0.5 * std::pow(10.0, -double{1} * row.published.decimals))
    decimals = row.published.decimals;
  return grouped(*value, decimals);
}

std::string published(const Row& row) {
  return (row.published.prefix.empty() ? "" : row.published.prefix + " ") +
         grouped(row.published.value, row.published.decimals) +
         (row.published.checked == Checked::recollection ? " (unchecked)" : "");
}

std::string difference(const Row& row) {
  if (!row.ours.value) return "";
  if (row.verdict == Verdict::same) return "0";
  if (row.published.value == 0.0) return "";
  return fmt::format("{:+.2f} %", 100.0 * (*row.ours.value / row.published.value - 1.0));
}

std::string named(const Row& row) {
  return row.published.text + (row.published.unit.empty() ? "" : ", " + row.published.unit);
}

bool any(const ComparedTable& table, const auto& has) {
  for (const Row& row : table.rows) {
    if (has(row)) return true;
  }
  return false;
}

std::string remark(const Row& row) {
  const std::string& rests_on = row.published.rests_on;
  const std::string& why = row.published.why;
  return rests_on + (rests_on.empty() || why.empty() ? "" : "; ") + why;
}

std::string_view basis_name(Basis basis) {
  for (const auto& kind : reproduce::basis_kinds) {
    if (kind.value == basis) return kind.name;
  }
  return "";
}

TextTable table_of(const ComparedTable& table, bool with_remarks) {
  const bool habit = any(table, [](const Row& row) { return row.ours.with_habit.has_value(); });
  const bool interval = any(table, [](const Row& row) { return row.ours.interval.has_value(); });
  const bool honest = any(table, [](const Row& row) { return row.ours.honest.has_value(); });
  const bool remarks = with_remarks && any(table, [](const Row& row) { return !remark(row).empty(); });
  std::vector<TextTable::Column> columns{
      {"figure"}, {"published", Align::right}, {"capcam", Align::right}, {"difference", Align::right}};
  if (interval) columns.push_back({"low to high", Align::right});
  if (habit) columns.push_back({"with the habit", Align::right});
  if (honest) columns.push_back({"honest", Align::right});
  columns.push_back({"verdict"});
  columns.push_back({"made by"});
  if (remarks) columns.push_back({"what it rests on, why it differs"});
  TextTable text(columns);
  for (const Row& row : table.rows) {
    std::vector<std::string> cells{named(row), published(row), figure(row.ours.value, row), difference(row)};
    if (interval)
      cells.push_back(row.ours.interval
                          ? figure(row.ours.interval->low, row) + " to " + figure(row.ours.interval->high, row)
                          : std::string());
    if (habit) cells.push_back(figure(row.ours.with_habit, row));
    if (honest) cells.push_back(figure(row.ours.honest, row));
    cells.emplace_back(verdict_name(row.verdict));
    cells.emplace_back(basis_name(row.published.basis));
    if (remarks) cells.push_back(remark(row));
    text.row(cells);
  }
  return text;
}

struct Tally {
  Basis basis;
  const char* what;
};
constexpr Tally tallies[] = {{Basis::simulated, "simulated independently"},
                             {Basis::priced, "counted by the simulator and priced from the published table"},
                             {Basis::arithmetic, "arithmetic on published constants"}};

// Counts the verdicts of each basis apart: only those of the first say something of the simulator.
std::vector<std::string> verdicts(const Reproduction& one) {
  std::vector<std::string> lines;
  for (const Tally& tally : tallies) {
    std::array<std::size_t, 4> counts{};
    std::size_t all = 0;
    for (const ComparedTable& table : one.tables) {
      for (const Row& row : table.rows) {
        if (row.published.basis != tally.basis) continue;
        ++counts[static_cast<std::size_t>(row.verdict)];
        ++all;
      }
    }
    if (all == 0) continue;
    lines.push_back(fmt::format(
        "{} figures {}: {} the same to the printed digits, {} the same with a counting habit switched on, {} differ, "
        "{} not reproduced",
        all, tally.what, counts[0], counts[1], counts[2], counts[3]));
  }
  return lines;
}

std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos; at += 2) text.insert(at, 1, '"');
  return '"' + text + '"';
}

std::string exact(const std::optional<double>& value) { return value ? fmt::format("{}", *value) : ""; }

}  // namespace

std::string reproduction_text(const std::vector<Reproduction>& all) {
  std::string text;
  for (const Reproduction& one : all) {
    if (!text.empty()) text += "\n";
    text += one.title + "\n";
    for (const std::string& line : verdicts(one)) text += line + "\n";
    for (const ComparedTable& table : one.tables) {
      text += "\n" + table.title + "\n" + table_of(table, false).text();
      std::vector<std::string> said;
      for (const Row& row : table.rows) {
        const std::string& why = row.published.why;
        if (why.empty() || row.verdict == Verdict::same || std::count(said.begin(), said.end(), why) > 0) continue;
        text += fmt::format("  {}: {}\n", row.published.text, why);
        said.push_back(why);
      }
    }
  }
  return text +
         "\nWhat every figure rests on, and what `honest` is: --markdown FILE (docs/reproduction.md), --csv FILE\n";
}

std::string reproduction_markdown(const std::vector<Reproduction>& all) {
  std::string text =
      "# Published figures, made again\n\n"
      "Written by `capcam reproduce --markdown docs/reproduction.md`; a test fails when it is not what the program "
      "says.\n"
      "Every figure of the column *capcam* is a run of the simulator (fast engine); published figures are data in\n"
      "`models/published/`, each with its source. *Same*: equal to the printed digits. *Same with the habit*: equal "
      "when\n"
      "a counting habit of the published model is switched on; the difference is by how much the habit moves it.\n"
      "*Honest*: the figure under the convention stated above its table, all of them of one machine. *Made by*: only "
      "what is\n"
      "simulated says something of the simulator; a priced figure is a count of the simulator's times an input of the "
      "table.\n";
  for (const Reproduction& one : all) {
    text += "\n## " + one.title + "\n\n";
    for (const std::string& line : verdicts(one)) text += "- " + line + ".\n";
    for (const ComparedTable& table : one.tables) {
      text += "\n### " + table.title + "\n\nRests on: " + table.rests_on + "\n";
      if (!table.honest.empty()) text += "\nHonest: " + table.honest + "\n";
      text += "\n" + table_of(table, true).markdown() + "\nSource: " + table.source + ".\n";
    }
  }
  return text;
}

std::string reproduction_csv(const std::vector<Reproduction>& all) {
  std::string text =
      "what,table,figure,text,unit,prefix,published,decimals,checked,capcam,low,high,with_habit,honest,verdict,"
      "basis,rests_on,why,"
      "honest_convention,source\n";
  for (const Reproduction& one : all) {
    for (const ComparedTable& table : one.tables) {
      for (const Row& row : table.rows) {
        const reproduce::PublishedFigure& p = row.published;
        const std::optional<Figure>& interval = row.ours.interval;
        std::string_view checked;
        for (const auto& kind : reproduce::checked_kinds) checked = kind.value == p.checked ? kind.name : checked;
        text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", one.name, table.id,
                            row.ours.id, quoted(p.text), quoted(p.unit), quoted(p.prefix), p.value, p.decimals, checked,
                            exact(row.ours.value), interval ? exact(interval->low) : "",
                            interval ? exact(interval->high) : "", exact(row.ours.with_habit), exact(row.ours.honest),
                            verdict_name(row.verdict), basis_name(p.basis),
                            quoted(table.rests_on + (p.rests_on.empty() ? "" : " ") + p.rests_on), quoted(p.why),
                            quoted(table.honest), quoted(table.source));
      }
    }
  }
  return text;
}

}  // namespace capcam

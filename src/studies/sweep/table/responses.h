// Which keys leave which figures alone: two points that differ in such a key alone never differ in the figure.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace capcam {

// A figure that did not respond. Keys that vary together (linked ones) are judged together.
struct Unmoved {
  std::string figure;
  std::vector<std::string> keys;
  bool by_all = false;  // true if no key that varies moved it
};

class Responses {
 public:
  Responses(std::vector<std::string> keys, std::vector<std::string> figures)
      : keys_(std::move(keys)), figures_(std::move(figures)) {}

  // A point: its value of each key, its value of each figure. Points beyond most_points are left out.
  void add(std::vector<std::string> values, std::vector<std::optional<double>> figures);

  // Figures that some key left alone, in the order given. A figure that a point lacks is not judged, nor is a key
  // that no two points differ in alone.
  std::vector<Unmoved> unmoved() const;

  static constexpr std::size_t most_points = 100'000;

 private:
  struct Point {
    std::vector<std::string> values;
    std::vector<std::optional<double>> figures;
  };
  // What the points say about one group of keys.
  struct Verdict {
    bool compared = false;
    std::vector<bool> moved;  // of each figure
  };
  std::vector<std::vector<std::size_t>> groups() const;
  Verdict judge(const std::vector<std::size_t>& group) const;

  std::vector<std::string> keys_, figures_;
  std::vector<Point> points_;
};

// "energy_pj.total is the same whatever sensing.bits and sensing.kind are".
std::string sentence_of(const Unmoved& unmoved);

}  // namespace capcam

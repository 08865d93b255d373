// SPDX-License-Identifier: Apache-2.0
#include "apps/python/machine_in_python.h"

#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "apps/python/interrupt.h"
#include "apps/python/json_to_python.h"
#include "apps/python/machine.h"
#include "apps/python/new_array.h"
#include "apps/python/trace_in_python.h"
#include "config/writer.h"
#include "report/make_report.h"

namespace capcam::python {
namespace {

namespace nb = nanobind;

// Collects the outputs of every layer, [batch, heads, queries, value_dim].
class Outputs final : public Interrupt {
 public:
  explicit Outputs(const Trace& trace) : shape_(trace.shape) {
    for (std::size_t i = 0; i < trace.layers.size(); ++i)
      layers_.emplace_back(std::vector{shape_.batch, shape_.heads, shape_.queries, shape_.value_dim});
  }
  void take(const QueryResult& result) override {
    const std::uint64_t heads = shape_.batch * shape_.heads;  // heads of a layer
    const std::uint64_t row = result.head % heads * shape_.queries + result.query;
    std::copy(result.output.begin(), result.output.end(),
              layers_[result.head / heads].values().data() + row * shape_.value_dim);
  }
  nb::list to_python() {
    nb::list list;
    for (NewArray<float>& layer : layers_) list.append(layer.to_numpy());
    return list;
  }

 private:
  TraceShape shape_;
  std::vector<NewArray<float>> layers_;
};

nb::tuple replay(const PricedMachine& machine, const TraceInPython& trace, unsigned threads, double accuracy) {
  Outputs outputs(trace.trace);
  Report report;
  {
    const nb::gil_scoped_release unlocked;
    report = machine.replay(trace.trace, threads, accuracy, outputs);
  }
  return nb::make_tuple(outputs.to_python(), json_to_python(report_to_json(report)));
}

nb::object time(const PricedMachine& machine, const TraceInPython& trace) {
  Interrupt interrupt;
  Report report;
  {
    const nb::gil_scoped_release unlocked;
    report = machine.time(trace.trace, interrupt);
  }
  return json_to_python(report_to_json(report));
}

}  // namespace

void bind_machine(nb::module_& module) {
  nb::class_<PricedMachine>(module, "Machine")
      .def(nb::init<const std::string&, const std::vector<std::string>&, std::uint64_t, const std::filesystem::path&>(),
           nb::arg("config"), nb::arg("sets"), nb::arg("seed"), nb::arg("models"))
      .def_prop_ro("config", [](const PricedMachine& self) { return json_to_python(config_to_json(self.config())); })
      .def_prop_ro("seed", [](const PricedMachine& self) { return self.config().seed; })
      .def("replay", &replay, nb::arg("trace"), nb::arg("threads"), nb::arg("accuracy"))
      .def("time", &time, nb::arg("trace"));
}

}  // namespace capcam::python

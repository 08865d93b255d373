// The fast engine inside Python, as capcam._engine. python/capcam/_engine.pyi documents its functions.
// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>

#include "apps/python/machine_in_python.h"
#include "apps/python/references.h"
#include "apps/python/trace_in_python.h"
#include "capcam/error.h"
#include "core/resources.h"

namespace capcam::python {
namespace {

namespace nb = nanobind;

// Errors have the texts of the command line; their classes are Python's own (python/capcam/_errors.py).
void translate(const std::exception_ptr& failure, void*) {
  const auto set = [](const char* name, const std::string& text) {
    const nb::object type = nb::module_::import_("capcam._errors").attr(name);
    const nb::object message =
        nb::steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
    PyErr_SetObject(type.ptr(), message.ptr());
  };
  try {
    std::rethrow_exception(failure);
  } catch (const InputError& error) {
    set("InputError", error.what());
  } catch (const LawBroken& error) {
    set("LawBroken", fmt::format("the simulator broke a law of its own (please report this): {}", error.what()));
  } catch (const Interrupted&) {
    if (PyErr_Occurred() == nullptr) PyErr_SetNone(PyExc_KeyboardInterrupt);
  }
}

}  // namespace
}  // namespace capcam::python

NB_MODULE(_engine, module) {
  namespace nb = nanobind;
  nb::register_exception_translator(&capcam::python::translate);
  module.def("name_resource_folder", &capcam::name_resource_folder, nb::arg("folder"));
  module.def(
      "find_resource", [](const std::string& relative) { return capcam::find_resource(relative); },
      nb::arg("relative"));
  capcam::python::bind_trace(module);
  capcam::python::bind_machine(module);
  capcam::python::bind_references(module);
}

// SPDX-License-Identifier: Apache-2.0
#include "apps/python/json_to_python.h"

namespace capcam::python {
namespace {

namespace nb = nanobind;

// A path or a model's name may hold any bytes.
nb::object text_to_python(const std::string& text) {
  return nb::steal(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace"));
}

}  // namespace

nb::object json_to_python(const nlohmann::ordered_json& json) {
  using Type = nlohmann::json::value_t;
  switch (json.type()) {
    case Type::object: {
      nb::dict dict;
      for (const auto& [key, value] : json.items()) dict[text_to_python(key)] = json_to_python(value);
      return dict;
    }
    case Type::array: {
      nb::list list;
      for (const auto& value : json) list.append(json_to_python(value));
      return list;
    }
    case Type::string:
      return text_to_python(json.get_ref<const std::string&>());
    case Type::boolean:
      return nb::bool_(json.get<bool>());
    case Type::number_integer:
      return nb::int_(json.get<std::int64_t>());
    case Type::number_unsigned:
      return nb::int_(json.get<std::uint64_t>());
    case Type::number_float:
      return nb::float_(json.get<double>());
    default:
      return nb::none();
  }
}

}  // namespace capcam::python

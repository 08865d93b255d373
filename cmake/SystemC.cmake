# Finds SystemC as capcam::systemc: the CMake package of 2.3.4 or 3.x first, pkg-config (Debian, Ubuntu) second.
# SPDX-License-Identifier: Apache-2.0
add_library(capcam_systemc_library INTERFACE)
add_library(capcam::systemc ALIAS capcam_systemc_library)

find_package(SystemCLanguage CONFIG QUIET)
if(SystemCLanguage_FOUND)
  target_link_libraries(capcam_systemc_library INTERFACE SystemC::systemc)
else()
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(SYSTEMC REQUIRED IMPORTED_TARGET systemc)
  target_link_libraries(capcam_systemc_library INTERFACE PkgConfig::SYSTEMC)
  # The packaged library is built as C++17; a C++20 program links only if it says so.
  target_compile_definitions(capcam_systemc_library INTERFACE SC_CPLUSPLUS=201703L)
endif()

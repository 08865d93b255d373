# Finds SystemC as capcam::systemc: the CMake package of 2.3.4 or 3.x first, pkg-config (Debian, Ubuntu) second.
# CAPCAM_SYSTEMC_FOUND says whether it is there.
# SPDX-License-Identifier: Apache-2.0
add_library(capcam_systemc_library INTERFACE)
add_library(capcam::systemc ALIAS capcam_systemc_library)

find_package(SystemCLanguage CONFIG QUIET)
set(CAPCAM_SYSTEMC_FOUND ${SystemCLanguage_FOUND})
if(SystemCLanguage_FOUND)
  target_link_libraries(capcam_systemc_library INTERFACE SystemC::systemc)
else()
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(SYSTEMC IMPORTED_TARGET systemc)
    set(CAPCAM_SYSTEMC_FOUND ${SYSTEMC_FOUND})
  endif()
  if(CAPCAM_SYSTEMC_FOUND)
    target_link_libraries(capcam_systemc_library INTERFACE PkgConfig::SYSTEMC)
    # The packaged library is built as C++17; a C++20 program links only if it says so.
    target_compile_definitions(capcam_systemc_library INTERFACE SC_CPLUSPLUS=201703L)
  endif()
endif()

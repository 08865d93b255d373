# Finds SystemC as capcam::systemc_kernel: the CMake package of 2.3.4 or 3.x first, pkg-config (Debian, Ubuntu) second.
# CAPCAM_SYSTEMC_FOUND says whether it is there. An installed capcam uses this file too.
# SPDX-License-Identifier: Apache-2.0
find_package(SystemCLanguage CONFIG QUIET)
set(CAPCAM_SYSTEMC_FOUND ${SystemCLanguage_FOUND})
if(NOT SystemCLanguage_FOUND)
  find_package(PkgConfig QUIET)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(SYSTEMC QUIET IMPORTED_TARGET GLOBAL systemc)
    set(CAPCAM_SYSTEMC_FOUND ${SYSTEMC_FOUND})
  endif()
endif()
if(CAPCAM_SYSTEMC_FOUND AND NOT TARGET capcam::systemc_kernel)
  add_library(capcam::systemc_kernel INTERFACE IMPORTED GLOBAL)
  if(SystemCLanguage_FOUND)
    target_link_libraries(capcam::systemc_kernel INTERFACE SystemC::systemc)
  else()
    target_link_libraries(capcam::systemc_kernel INTERFACE PkgConfig::SYSTEMC)
    # The packaged library is built as C++17; a C++20 program links only if it says so.
    target_compile_definitions(capcam::systemc_kernel INTERFACE SC_CPLUSPLUS=201703L)
  endif()
endif()

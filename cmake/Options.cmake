# Compiler flags, on INTERFACE targets only.
# SPDX-License-Identifier: Apache-2.0
set(CMAKE_CXX_EXTENSIONS OFF)
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

option(CAPCAM_WERROR "Treat warnings as errors" OFF)
option(CAPCAM_SANITIZE "Address and undefined-behaviour sanitizers" OFF)

add_library(capcam_options INTERFACE)
target_compile_features(capcam_options INTERFACE cxx_std_20)
# Results must not depend on the compiler's taste: no fused multiply-add but the ones written.
target_compile_options(capcam_options INTERFACE -ffp-contract=off)
target_compile_options(capcam_options INTERFACE -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion
                                                $<$<BOOL:${CAPCAM_WERROR}>:-Werror>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(capcam_options INTERFACE -Wno-restrict)  # false alarms in std::string, gcc bug 105651
endif()
if(CAPCAM_SANITIZE)
  target_compile_options(capcam_options INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all
                                                  -fno-omit-frame-pointer)
  target_link_options(capcam_options INTERFACE -fsanitize=address,undefined)
endif()

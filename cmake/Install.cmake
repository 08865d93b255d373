# What is installed, in components that are complete alone:
#   program      the capcam program, its configs, cards and traces
#   development  libraries, headers, the CMake package, and the same data
#   python       (CAPCAM_PYTHON) what the Python package holds
# SPDX-License-Identifier: Apache-2.0
include(CMakePackageConfigHelpers)
set(data configs models traces)

if(CAPCAM_PYTHON)
  install(DIRECTORY ${data} DESTINATION capcam/share/capcam COMPONENT python)
  if(CAPCAM_PROGRAM)
    install(TARGETS capcam RUNTIME DESTINATION capcam/bin COMPONENT python)
  endif()
  return()
endif()

# capcam finds its data relative to its own place, ../share/capcam; a program that links the library finds it where
# CAPCAM_DATA says, in the source tree, or in the prefix that was configured.
if(CAPCAM_PROGRAM)
  install(TARGETS capcam RUNTIME COMPONENT program)
  install(DIRECTORY ${data} DESTINATION ${CMAKE_INSTALL_DATADIR}/capcam COMPONENT program)
endif()

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/capcam)
install(DIRECTORY ${data} DESTINATION ${CMAKE_INSTALL_DATADIR}/capcam COMPONENT development)
install(TARGETS capcam_core EXPORT capcamTargets
        ARCHIVE COMPONENT development
        FILE_SET HEADERS COMPONENT development)
install(EXPORT capcamTargets NAMESPACE capcam:: DESTINATION ${package} COMPONENT development)
if(CAPCAM_SYSTEMC)
  install(TARGETS capcam_systemc EXPORT capcamSystemcTargets
          ARCHIVE COMPONENT development
          FILE_SET HEADERS COMPONENT development)
  install(EXPORT capcamSystemcTargets NAMESPACE capcam:: DESTINATION ${package} COMPONENT development)
endif()
set(CAPCAM_DATA_DIR ${CMAKE_INSTALL_DATADIR}/capcam)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/capcamConfig.cmake.in ${PROJECT_BINARY_DIR}/capcamConfig.cmake
                              INSTALL_DESTINATION ${package} PATH_VARS CAPCAM_DATA_DIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/capcamConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/capcamConfig.cmake ${PROJECT_BINARY_DIR}/capcamConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/SystemC.cmake
        DESTINATION ${package} COMPONENT development)

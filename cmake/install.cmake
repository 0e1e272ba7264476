# What `cmake --install` puts where: the program, its manual, completions and schemas, the library with its headers, and a CMake package, so
# that find_package(hfaudit) gives hfaudit::hfaudit.
include(CMakePackageConfigHelpers)
set(HFAUDIT_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/hfaudit)

install(TARGETS hfaudit_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
# Called by this name it is `hfaudit pull`. A link in the build folder is installed as the link that it is.
file(CREATE_LINK hfaudit ${PROJECT_BINARY_DIR}/tools/hf-pull SYMBOLIC)
install(FILES ${PROJECT_BINARY_DIR}/tools/hf-pull DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)

file(GLOB HFAUDIT_MAN1 CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/man/*.1)
file(GLOB HFAUDIT_MAN7 CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/man/*.7)
file(WRITE ${PROJECT_BINARY_DIR}/hf-pull.1 ".so man1/hfaudit-pull.1\n")
install(FILES ${HFAUDIT_MAN1} ${PROJECT_BINARY_DIR}/hf-pull.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1
        COMPONENT program)
install(FILES ${HFAUDIT_MAN7} DESTINATION ${CMAKE_INSTALL_MANDIR}/man7 COMPONENT program)

# Where bash-completion, zsh (Debian: vendor-completions) and fish look for those of packages.
set(HFAUDIT_ZSH_FUNCTIONS_DIR ${CMAKE_INSTALL_DATADIR}/zsh/site-functions CACHE STRING "Where zsh's completions go")
set(HFAUDIT_BASH_DIR ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
set(HFAUDIT_FISH_DIR ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES ${HFAUDIT_COMPLETIONS_DIR}/hfaudit.bash DESTINATION ${HFAUDIT_BASH_DIR} RENAME hfaudit COMPONENT program)
install(FILES ${HFAUDIT_COMPLETIONS_DIR}/hfaudit.zsh DESTINATION ${HFAUDIT_ZSH_FUNCTIONS_DIR} RENAME _hfaudit
        COMPONENT program)
install(FILES ${HFAUDIT_COMPLETIONS_DIR}/hfaudit.fish DESTINATION ${HFAUDIT_FISH_DIR} COMPONENT program)
# bash and fish look for a file with the name of the command.
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/links)
file(CREATE_LINK hfaudit ${PROJECT_BINARY_DIR}/links/hf-pull SYMBOLIC)
file(CREATE_LINK hfaudit.fish ${PROJECT_BINARY_DIR}/links/hf-pull.fish SYMBOLIC)
install(FILES ${PROJECT_BINARY_DIR}/links/hf-pull DESTINATION ${HFAUDIT_BASH_DIR} COMPONENT program)
install(FILES ${PROJECT_BINARY_DIR}/links/hf-pull.fish DESTINATION ${HFAUDIT_FISH_DIR} COMPONENT program)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/hfaudit/schemas DESTINATION ${CMAKE_INSTALL_DATADIR}/hfaudit
        COMPONENT program)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/hfaudit DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        COMPONENT library FILES_MATCHING PATTERN "*.hpp" PATTERN "*.def" PATTERN schemas EXCLUDE)
install(TARGETS hfaudit EXPORT hfaudit ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(EXPORT hfaudit NAMESPACE hfaudit:: FILE hfaudit-targets.cmake DESTINATION ${HFAUDIT_PACKAGE_DIR}
        COMPONENT library)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/hfaudit-config.cmake.in
  ${PROJECT_BINARY_DIR}/hfaudit-config.cmake INSTALL_DESTINATION ${HFAUDIT_PACKAGE_DIR})
# 0.x promises nothing from one minor version to the next.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/hfaudit-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/hfaudit-config.cmake ${PROJECT_BINARY_DIR}/hfaudit-config-version.cmake
        DESTINATION ${HFAUDIT_PACKAGE_DIR} COMPONENT library)

# How everything of ours is compiled and linked. Third-party headers come in as SYSTEM and are not warned about.
option(HFAUDIT_WERROR "Treat warnings as errors" ON)  # a packager may turn that off
option(HFAUDIT_HARDEN "Harden release builds: fortify, stack protector, PIE, relro, bind now" ON)
option(HFAUDIT_STATIC_RUNTIME "Link libstdc++ and libgcc statically into the programs" ON)
option(HFAUDIT_STATIC "One file with everything inside, for an image that has nothing (cmake/static.cmake)" OFF)
set(HFAUDIT_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")

add_library(hfaudit_flags INTERFACE)
target_compile_options(hfaudit_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
                                               -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual)
if(HFAUDIT_WERROR)
  target_compile_options(hfaudit_flags INTERFACE -Werror)
endif()

if(HFAUDIT_SANITIZE)
  add_compile_options(-fsanitize=${HFAUDIT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  # UBSan's descriptions of the source are half a million addresses. At fixed ones the linker fills them in, not each start.
  set(CMAKE_POSITION_INDEPENDENT_CODE OFF)
  add_compile_options(-fno-pie)
  add_link_options(-fsanitize=${HFAUDIT_SANITIZE} -no-pie)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # GCC 12's <algorithm> uses a deprecated name itself, which newer versions of Clang report.
    target_compile_options(hfaudit_flags INTERFACE -Wno-deprecated-declarations)
    # The package of Clang's runtime depends on 32-bit libraries: ./bootstrap test unpacks it here.
    set(runtime ${PROJECT_SOURCE_DIR}/build/clang-19)
    if(CMAKE_CXX_COMPILER_VERSION MATCHES "^19" AND EXISTS ${runtime}/lib)
      add_link_options(-resource-dir=${runtime})
    endif()
  endif()
  # GCC's flow warnings do not understand what its sanitizers insert. The other builds keep them as errors.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(hfaudit_flags INTERFACE -Wno-maybe-uninitialized -Wno-tsan)
  endif()
  return()
endif()

# The same bytes from any folder: neither __FILE__ nor debug information names it. For releases: it keeps ccache from
# sharing objects between build folders.
option(HFAUDIT_REPRODUCIBLE "Leave the folders of the build out of what is built" OFF)
if(HFAUDIT_REPRODUCIBLE)
  add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}=. -ffile-prefix-map=${PROJECT_BINARY_DIR}=build)
endif()

# Start-up is most of what a small scan costs: no C++ runtime to load and relocate, nothing linked that is not used.
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections -Wl,--as-needed)
if(HFAUDIT_STATIC_RUNTIME AND NOT HFAUDIT_STATIC)
  add_link_options(-static-libstdc++ -static-libgcc)
endif()

if(HFAUDIT_HARDEN)
  include(CheckPIESupported)
  check_pie_supported(LANGUAGES CXX)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  add_compile_options(-fstack-protector-strong $<$<CONFIG:Release>:-U_FORTIFY_SOURCE> $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>
                      $<$<CONFIG:Release>:-D_GLIBCXX_ASSERTIONS>)
  add_link_options(-Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
endif()

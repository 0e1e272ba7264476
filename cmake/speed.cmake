# What makes builds quick: a precompiled header, a compiler cache, a fast linker. None of it changes what is built.
option(HFAUDIT_PCH "Precompile the headers that most files include" OFF)
option(HFAUDIT_FAST_LINK "Link with mold or lld where one is installed" OFF)

# Decided once for a build folder: a launcher that changes would compile everything anew.
if(NOT DEFINED HFAUDIT_LAUNCHER)
  find_program(HFAUDIT_CCACHE ccache)
  mark_as_advanced(HFAUDIT_CCACHE)
  set(launcher)
  if(HFAUDIT_CCACHE)
    # The folder is the checkout's own. Two build folders share what they compile alike; the last words are for precompiled headers.
    set(launcher ${CMAKE_COMMAND} -E env CCACHE_DIR=${PROJECT_SOURCE_DIR}/build/ccache CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}
                 CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
                 ${HFAUDIT_CCACHE})
  endif()
  set(HFAUDIT_LAUNCHER "${launcher}" CACHE STRING "Runs each compiler; found at the first configuration, empty: none")
endif()
set(CMAKE_C_COMPILER_LAUNCHER ${HFAUDIT_LAUNCHER})
set(CMAKE_CXX_COMPILER_LAUNCHER ${HFAUDIT_LAUNCHER})

if(HFAUDIT_FAST_LINK)
  find_program(HFAUDIT_LINKER NAMES mold ld.lld)
  mark_as_advanced(HFAUDIT_LINKER)
  if(HFAUDIT_LINKER MATCHES "mold$")
    add_link_options(-fuse-ld=mold)
  elseif(HFAUDIT_LINKER)
    add_link_options(-fuse-ld=lld)
  endif()
endif()

# hfaudit_precompile(TARGET HEADER...)
function(hfaudit_precompile target)
  if(HFAUDIT_PCH)
    target_precompile_headers(${target} PRIVATE ${ARGN})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${target} PRIVATE -fpch-preprocess)  # for ccache
    endif()
  endif()
endfunction()

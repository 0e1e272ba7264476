# Compiles several folders of a target as one unit, which takes less processor time: headers are read and templates
# instantiated once. A name in an unnamed namespace is therefore unique within the folders of its unit.
option(HFAUDIT_UNITY "Compile several folders as one unit; turn off to work on single files (the preset dev)" OFF)
# A local name may be that of another file's constant. What is hidden within one file is found where each is compiled by itself:
# by the build `dev` and the group `headers`.
add_library(hfaudit_shadows INTERFACE)
target_compile_options(hfaudit_shadows INTERFACE -Wno-shadow)

# hfaudit_unite(TARGET [WHOLE] [ALONE FILE...] [UNITS "FOLDER..."...]): FILEs are compiled by themselves, for flags or macros of
# their own. WHOLE: the target is one unit. Each of UNITS lists the folders of one unit; any other folder is one by itself.
function(hfaudit_unite target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "WHOLE" "" "ALONE;UNITS")
  if(NOT HFAUDIT_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:hfaudit_shadows>)  # its words come after those of hfaudit_flags
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")  # it takes a file that the unit includes for a header
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
  get_target_property(sources ${target} SOURCES)
  foreach(source IN LISTS sources)
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} OUTPUT_VARIABLE name)
    if(name IN_LIST arg_ALONE)
      continue()
    endif()
    cmake_path(GET name PARENT_PATH folder)
    if(arg_WHOLE)
      set(folder)
    endif()
    foreach(unit IN LISTS arg_UNITS)
      separate_arguments(folders UNIX_COMMAND "${unit}")
      if(folder IN_LIST folders)
        list(GET folders 0 folder)
      endif()
    endforeach()
    string(MAKE_C_IDENTIFIER "unit_${folder}" group)
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
endfunction()

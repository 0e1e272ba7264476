# Compiles a folder of a target as one unit, which takes a third of the processor time: the headers are read once. A name in
# an unnamed namespace is therefore unique within its folder.
option(HFAUDIT_UNITY "Compile each folder as one unit; turn off to work on single files (the preset dev)" OFF)

# hfaudit_unite(TARGET [WHOLE] [ALONE FILE...]): FILEs are compiled by themselves, for flags or macros of their own. WHOLE: all
# folders of a small target are one unit.
function(hfaudit_unite target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "WHOLE" "" "ALONE")
  if(NOT HFAUDIT_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
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
    string(MAKE_C_IDENTIFIER "unit_${folder}" group)
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
  endforeach()
endfunction()

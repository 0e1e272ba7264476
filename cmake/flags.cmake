# Warnings are errors in our own builds; a packager may turn that off.
option(HFAUDIT_WERROR "Treat warnings as errors" ON)
set(HFAUDIT_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize=")

add_library(hfaudit_flags INTERFACE)
target_compile_options(hfaudit_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
                                               -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual)
if(HFAUDIT_WERROR)
  target_compile_options(hfaudit_flags INTERFACE -Werror)
endif()
if(HFAUDIT_SANITIZE)
  # GCC's TSan and -Werror=tsan do not agree about std::atomic_thread_fence in headers that are not ours.
  add_compile_options(-fsanitize=${HFAUDIT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${HFAUDIT_SANITIZE})
endif()

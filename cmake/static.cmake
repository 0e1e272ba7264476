# A program that needs nothing of the system that it runs on: glibc, OpenSSL and a libcurl of our own are inside. The
# distribution's libcurl.a wants Kerberos, LDAP and more, of which there are no static forms; ours knows HTTP, TLS by OpenSSL
# and proxies. The linker warns of getaddrinfo and getpwnam, which could load plugins: os/static_runtime.cpp forbids them to.
set(HFAUDIT_CURL_DIR ${PROJECT_BINARY_DIR}/curl CACHE PATH "Where libcurl's source and its build are kept")
set(HFAUDIT_LINK_CURL ON)
set(HFAUDIT_LINK_OPENSSL ON)
# Of libarchive only the writer of tar is linked, which needs no other library: --gc-sections drops the formats and
# compressors that do.
set(HFAUDIT_LINK_ARCHIVE ON)
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
set(Boost_USE_STATIC_LIBS ON)
set(OPENSSL_USE_STATIC_LIBS ON)
set(ZLIB_USE_STATIC_LIBS ON)
# At an address of the kernel's choice, as all programs today. CMake's own -pie would undo it.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_LINK_OPTIONS_PIE -static-pie)
add_link_options(-static-pie -s)

# Its source: Debian's, with the security fixes of the day, where there is apt; else the release.
function(hfaudit_curl_source result)
  if(NOT FETCHCONTENT_SOURCE_DIR_CURL)
    execute_process(COMMAND ${PROJECT_SOURCE_DIR}/cmake/fetch_curl.sh ${HFAUDIT_CURL_DIR}
                    RESULT_VARIABLE code OUTPUT_VARIABLE source ERROR_VARIABLE said OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(code EQUAL 0)
      set(${result} ${source} PARENT_SCOPE)
      return()
    endif()
    message(STATUS "libcurl's source does not come by apt, so by download:\n${said}")
  endif()
  include(FetchContent)
  FetchContent_Declare(curl URL https://curl.se/download/curl-8.14.1.tar.gz
    URL_HASH SHA256=6766ada7101d292b42b8b15681120acd68effa4a9660935853cf6d61f0d984d4 DOWNLOAD_EXTRACT_TIMESTAMP OFF
    SOURCE_SUBDIR not-as-a-part-of-this-project)
  FetchContent_MakeAvailable(curl)  # or a fatal error, which says why
  set(${result} ${curl_SOURCE_DIR} PARENT_SCOPE)
endfunction()

set(HFAUDIT_CURL_OPTIONS
  -DCMAKE_BUILD_TYPE=Release -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DCMAKE_INSTALL_LIBDIR=lib
  "-DCMAKE_C_FLAGS=-ffunction-sections -fdata-sections -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -ffile-prefix-map=${HFAUDIT_CURL_DIR}=."
  -DCMAKE_FIND_LIBRARY_SUFFIXES=.a -DOPENSSL_USE_STATIC_LIBS=ON -DZLIB_USE_STATIC_LIBS=ON
  -DBUILD_SHARED_LIBS=OFF -DBUILD_STATIC_LIBS=ON -DBUILD_CURL_EXE=OFF -DBUILD_TESTING=OFF -DBUILD_LIBCURL_DOCS=OFF
  -DBUILD_MISC_DOCS=OFF -DENABLE_CURL_MANUAL=OFF -DENABLE_MANUAL=OFF -DPICKY_COMPILER=OFF
  -DHTTP_ONLY=ON -DCURL_DISABLE_LDAP=ON -DCURL_DISABLE_LDAPS=ON -DCURL_DISABLE_NTLM=ON -DCURL_DISABLE_ALTSVC=ON
  -DCURL_DISABLE_HSTS=ON -DCURL_DISABLE_DOH=ON -DENABLE_UNIX_SOCKETS=OFF -DENABLE_THREADED_RESOLVER=ON
  -DCURL_USE_OPENSSL=ON -DCURL_DISABLE_OPENSSL_AUTO_LOAD_CONFIG=ON -DCURL_ZLIB=ON -DCURL_BROTLI=OFF -DCURL_ZSTD=OFF
  -DCURL_USE_LIBSSH=OFF -DCURL_USE_LIBSSH2=OFF -DCURL_USE_LIBPSL=OFF -DCURL_USE_GSSAPI=OFF -DUSE_LIBIDN2=OFF
  -DUSE_LIBRTMP=OFF -DUSE_NGHTTP2=OFF
  # No places of this machine: http/exchange.cpp looks where the distributions have them.
  -DCURL_CA_BUNDLE=none -DCURL_CA_PATH=none)

# Built once for each source, compiler, OpenSSL and choice of options; gives CURL::libcurl.
function(hfaudit_build_curl)
  hfaudit_curl_source(source)
  get_filename_component(name ${source} NAME)
  enable_language(C)
  string(SHA256 key "${source} ${CMAKE_SYSTEM_PROCESSOR} ${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION} ${OPENSSL_VERSION} ${HFAUDIT_CURL_OPTIONS}")
  string(SUBSTRING ${key} 0 12 key)
  set(prefix ${HFAUDIT_CURL_DIR}/${name}-${key})
  if(NOT EXISTS ${prefix}/lib/libcurl.a)
    message(STATUS "Building ${name} in ${prefix}, once")
    set(launcher)
    set(target)
    if(CMAKE_CROSSCOMPILING)
      set(target "-DCMAKE_TOOLCHAIN_FILE=${CMAKE_TOOLCHAIN_FILE}")
    endif()
    if(CMAKE_CXX_COMPILER_LAUNCHER)
      string(REPLACE ";" "\\;" launcher "-DCMAKE_C_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER}")
    endif()
    foreach(step IN ITEMS "-S;${source};-B;${prefix}/build;-G;Ninja;-DCMAKE_C_COMPILER=${CMAKE_C_COMPILER};${launcher};${target}"
                          "--build;${prefix}/build" "--install;${prefix}/build;--prefix;${prefix}")
      if(step MATCHES "^-S")
        list(APPEND step ${HFAUDIT_CURL_OPTIONS})
      endif()
      execute_process(COMMAND ${CMAKE_COMMAND} ${step} RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_VARIABLE said)
      if(NOT code EQUAL 0)
        message(FATAL_ERROR "${said}\n${name} does not build, see above")
      endif()
    endforeach()
    file(REMOVE_RECURSE ${prefix}/build)
  endif()
  add_library(CURL::libcurl STATIC IMPORTED GLOBAL)
  # Debian 13's libcrypto compresses with zstd.
  find_library(HFAUDIT_ZSTD zstd)
  mark_as_advanced(HFAUDIT_ZSTD)
  set_target_properties(CURL::libcurl PROPERTIES IMPORTED_LOCATION ${prefix}/lib/libcurl.a
    INTERFACE_LINK_LIBRARIES "OpenSSL::SSL;OpenSSL::Crypto;ZLIB::ZLIB;$<$<BOOL:${HFAUDIT_ZSTD}>:${HFAUDIT_ZSTD}>")
  set(CURL_INCLUDE_DIRS ${prefix}/include PARENT_SCOPE)
endfunction()

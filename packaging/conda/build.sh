#!/bin/sh
set -eu
# shellcheck disable=SC2086,SC2154  # conda-build sets them
cmake -S . -B build-conda -G Ninja ${CMAKE_ARGS:-} -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_PREFIX="$PREFIX" \
  -DBUILD_TESTING=OFF -DHFAUDIT_UNITY=ON -DHFAUDIT_WERROR=OFF -DHFAUDIT_STATIC_RUNTIME=OFF -DHFAUDIT_LINK_CURL=ON \
  -DHFAUDIT_LINK_OPENSSL=ON -DHFAUDIT_LINK_ARCHIVE=ON
cmake --build build-conda --target hfaudit_cli
cmake --install build-conda --component program

// libFuzzer's entry point, for all.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Bytes as chars; the buffer is exactly as large, so that the sanitizer sees every byte read
  // beyond it.
  hfaudit::fuzz::try_input({reinterpret_cast<const char*>(data), size});
  return 0;
}

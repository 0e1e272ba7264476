#include "base/checksum.hpp"

#include "catch_any.hpp"

TEST_CASE("checksums: the check values of both polynomials") {
  CHECK(hfaudit::crc32c("123456789") == 0xe3069283U);
  CHECK(hfaudit::crc32("123456789") == 0xcbf43926U);
}

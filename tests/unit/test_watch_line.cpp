// The line of a download in a log, to the letter: people grep it.
#include "../../tools/rate_line.hpp"

#include "catch_any.hpp"

using namespace hfaudit::cli;

TEST_CASE("rate line: as a log shows it") {
  CHECK(rate_line("acme/six", 10'410'000'000, 22'020'000'000, 18.4e6) ==
        "  [acme/six] 47.2%  10.41 GB / 22.02 GB  18.4 MB/s");
  CHECK(rate_line("datasets/acme/d", 10'410'000'000, std::nullopt, 18.44e6) ==
        "  [datasets/acme/d] 10.41 GB  18.4 MB/s");
  CHECK(rate_line("a\nb", 0, 1, 0) == "  [a\\nb] 0.0%  0 B / 1 B  0.0 MB/s");
}

TEST_CASE("rate line: 100.0% when all is there, and not before") {
  CHECK(share_text(999, 1000) == "99.9%");
  CHECK(share_text(9999, 10000) == "99.9%");
  CHECK(share_text((1ULL << 62U) - 1, 1ULL << 62U) == "99.9%");
  CHECK(share_text(1000, 1000) == "100.0%");
  CHECK(share_text(1001, 1000) == "100.0%");
  CHECK(share_text(0, 0) == "100.0%");
  CHECK(share_text(473, 1000) == "47.3%");
}

TEST_CASE("rate line: one digit after the point in every unit") {
  CHECK(rate_text(0) == "0.0 MB/s");
  CHECK(rate_text(-5) == "0.0 MB/s");
  CHECK(rate_text(800) == "0.8 kB/s");
  CHECK(rate_text(999'960) == "1.0 MB/s");
  CHECK(rate_text(1.25e9) == "1.2 GB/s");
}

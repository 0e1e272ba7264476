#include "catch_any.hpp"

#include "base/base64.hpp"
#include "base/numbers.hpp"
#include "base/terminal_text.hpp"
#include "hfaudit/render.hpp"

using namespace hfaudit;

TEST_CASE("nothing but printable UTF-8 reaches a terminal") {
  struct Row {
    std::string_view bytes;
    std::string_view shown;
  };
  using namespace std::string_view_literals;
  const Row rows[] = {
      {"plain/name-1.txt", "plain/name-1.txt"},
      {"two\nlines", "two\\nlines"},
      {"\x1b[31mred", "\\x1b[31mred"},
      {"a\0b"sv, "a\\x00b"},
      {"tab\tcr\rdel\x7f", "tab\\x09cr\\x0ddel\\x7f"},
      {"modèle 模型", "modèle 模型"},
      {"\xff\xfe", "\\xff\\xfe"},
      {"cut \xe6\xa8", "cut \\xe6\\xa8"},
      {"overlong \xc0\xaf", "overlong \\xc0\\xaf"},
      {"surrogate \xed\xa0\x80", "surrogate \\xed\\xa0\\x80"},
      {"beyond \xf4\x90\x80\x80", "beyond \\xf4\\x90\\x80\\x80"},
      {"c1 \xc2\x9b", "c1 \\xc2\\x9b"},
      {"bidi \xe2\x80\xae", "bidi \\xe2\\x80\\xae"},
      {"line separator \xe2\x80\xa8", "line separator \\xe2\\x80\\xa8"},
      {"", ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.shown);
    CHECK(printable(row.bytes) == row.shown);
    CHECK(printable(printable(row.bytes)) == row.shown);
  }
}

TEST_CASE("UTF-8 is told from other bytes") {
  CHECK(is_utf8("modèle \n"));
  CHECK(is_utf8(""));
  for (const char* bytes :
       {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80", "a\x80", "\xe6"}) {
    CHECK_FALSE(is_utf8(bytes));
  }
}

TEST_CASE("columns: wide characters take two, combining ones none") {
  CHECK(columns_of("abc") == 3);
  CHECK(columns_of("é") == 1);
  CHECK(columns_of("e\xcc\x81") == 1);
  CHECK(columns_of("模型") == 4);
  CHECK(padded("模", 4) == "模  ");
  CHECK(padded("long", 2) == "long");
}

TEST_CASE("a long name loses its middle, and never more than it must") {
  CHECK(cut_middle("model-00002-of-00006.safetensors", 40) == "model-00002-of-00006.safetensors");
  CHECK(cut_middle("model-00002-of-00006.safetensors", 15) == "model-0…tensors");
  CHECK(cut_middle("abcdef", 6) == "abcdef");
  CHECK(cut_middle("abcdef", 5) == "ab…ef");
  CHECK(cut_middle("abcdef", 2) == "ab");
  CHECK(cut_middle("abcdef", 0).empty());
  for (std::size_t width = 0; width < 14; ++width) {
    CAPTURE(width);
    const std::string cut = cut_middle("模型模型模型", width);
    CHECK(columns_of(cut) <= width);
    CHECK(is_utf8(cut));
  }
}

TEST_CASE("sizes, counts, durations and times as people read them") {
  CHECK(human_bytes(0) == "0 B");
  CHECK(human_bytes(999) == "999 B");
  CHECK(human_bytes(1000) == "1.00 kB");
  CHECK(human_bytes(999'994) == "999.99 kB");
  CHECK(human_bytes(999'995) == "1.00 MB");
  CHECK(human_bytes(10'410'000'000) == "10.41 GB");
  CHECK(human_bytes(18'446'744'073'709'551'615U) == "18.45 EB");

  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1994) == "1,994");
  CHECK(grouped(1'000'000) == "1,000,000");
  CHECK(counted(1, "error") == "1 error");
  CHECK(counted(0, "repo") == "0 repos");

  CHECK(human_duration(12) == "12 ms");
  CHECK(human_duration(3400) == "3.4 s");
  CHECK(human_duration(125'999) == "2 min 05 s");

  CHECK(utc(1'778'633'040) == "2026-05-13T00:44:00Z");
  CHECK(utc(0) == "1970-01-01T00:00:00Z");
  CHECK(utc(-1) == "1969-12-31T23:59:59Z");
}

TEST_CASE("base64 as RFC 4648 has it") {
  CHECK(base64("").empty());
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xff\xfe\xfd") == "//79");
}

#include "catch_any.hpp"

#include "http/url.hpp"

using namespace hfaudit;

TEST_CASE("a URL in its parts") {
  struct Row {
    const char* text;
    const char* normal;  // nullptr: refused
  };
  const Row rows[] = {
      {"https://huggingface.co", "https://huggingface.co"},
      {"HTTPS://HuggingFace.CO:443/a?b#c", "https://huggingface.co/a?b"},
      {"http://127.0.0.1:8080/x", "http://127.0.0.1:8080/x"},
      {"http://[::1]:80/x", "http://[::1]/x"},
      {"http://[::1]:81", "http://[::1]:81"},
      {"https://u:p@h/x", "https://u:p@h/x"},
      {"https://h/a b\"<\xc3\xa9>%20", "https://h/a%20b%22%3C%C3%A9%3E%20"},
      {"https://h?q", "https://h?q"},
      {"", nullptr},
      {"huggingface.co", nullptr},
      {"ftp://h/x", nullptr},
      {"file:///etc/passwd", nullptr},
      {"https://", nullptr},
      {"https:///x", nullptr},
      {"https://:1/x", nullptr},
      {"https://h:1x/", nullptr},
      {"https://h:123456/", nullptr},
      {"https://a b/", nullptr},
      {"https://h\r\nX: y/", nullptr},
      {"https://h\\@evil/", nullptr},
      {"https://[::1/x", nullptr},
  };
  for (const auto& row : rows) {
    INFO(row.text);
    const auto url = parse_url(row.text);
    REQUIRE(url.has_value() == (row.normal != nullptr));
    if (url) CHECK(url->text() == row.normal);
  }
}

TEST_CASE("a URL as it is shown holds no secret") {
  CHECK(parse_url("https://user:password@h:8443/a/b?Signature=x")->shown() == "https://h:8443/a/b");
}

TEST_CASE("where a redirect leads") {
  const auto base = parse_url("http://user@hub:8080/api/models/a?x=1");
  struct Row {
    const char* location;
    const char* target;
    bool trusted;
  };
  const Row rows[] = {
      {"/b?y", "http://user@hub:8080/b?y", true},
      {"b", "http://user@hub:8080/api/models/b", true},
      {"?z=2", "http://user@hub:8080/api/models/a?z=2", true},
      {"/x:y", "http://user@hub:8080/x:y", true},
      {"http://hub:8080/c", "http://hub:8080/c", true},
      {"http://HUB:8080/c", "http://hub:8080/c", true},
      {"//cdn/c", "http://cdn/c", false},
      {"https://hub:8080/c", "https://hub:8080/c", false},
      {"http://hub:8081/c", "http://hub:8081/c", false},
      {"http://hub:8080@evil/c", "http://hub:8080@evil/c", false},
      {"http://hub:8080.evil/c", nullptr, false},
      {"ftp://hub/c", nullptr, false},
      {"javascript:x", nullptr, false},
      {"", nullptr, false},
      {"/a\r\nb", nullptr, false},
      {"/\\evil", nullptr, false},
  };
  for (const auto& row : rows) {
    INFO(row.location);
    const auto url = resolve_location(*base, row.location);
    REQUIRE(url.has_value() == (row.target != nullptr));
    if (!url) continue;
    CHECK(url->text() == row.target);
    CHECK(is_trusted_with(*base, *url) == row.trusted);
  }
}

TEST_CASE("who may have what was meant for another") {
  struct Row {
    const char* from;
    const char* to;
    bool trusted;
  };
  const Row rows[] = {
      {"https://huggingface.co/a", "https://huggingface.co/b", true},
      {"https://hf.co/a", "https://huggingface.co/a", true},
      {"http://mirror/a", "https://mirror/a", true},
      {"https://mirror/a", "http://mirror/a", false},
      {"http://mirror:80/a", "https://mirror:444/a", false},
      {"https://huggingface.co/a", "https://cdn-lfs.huggingface.co/a", false},
      {"https://huggingface.co/a", "https://huggingface.co.evil/a", false},
      {"https://hf.co:8443/a", "https://huggingface.co:8443/a", false},
  };
  for (const auto& row : rows) {
    INFO(row.from << " " << row.to);
    CHECK(is_trusted_with(*parse_url(row.from), *parse_url(row.to)) == row.trusted);
  }
}

TEST_CASE("quoting as Python's urllib does") {
  CHECK(quote("aZ09_.-~") == "aZ09_.-~");
  CHECK(quote("refs/pr/1") == "refs%2Fpr%2F1");
  CHECK(quote("a b/\xc3\xbc?#%&+", "/") == "a%20b/%C3%BC%3F%23%25%26%2B");
  CHECK(quote(std::string_view("\0", 1)) == "%00");
}

TEST_CASE("a user or password holds nothing that ends it early") {
  const auto url = parse_url("https://u:p@s[s]/x@host");
  REQUIRE(!url);  // the slash ends the host
  const auto at = parse_url("https://u:p@s s[@host:8080/x");
  REQUIRE(at);
  CHECK(at->host == "host");
  CHECK(at->user_info == "u:p%40s%20s%5B");
  CHECK(at->text() == "https://u:p%40s%20s%5B@host:8080/x");
  CHECK(parse_url(at->text()) == at);
}

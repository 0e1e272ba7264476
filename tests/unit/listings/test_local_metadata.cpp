#include "catch_any.hpp"
#include "listings/listings.hpp"

using namespace hfaudit;

TEST_CASE("metadata of a local folder: commit, etag, time") {
  const std::string hash(40, 'a');
  const auto metadata = parse_local_metadata(hash + "\n" + "etag-1\n1712656091.123\n");
  REQUIRE(metadata);
  CHECK(metadata->commit == hash);
  CHECK(metadata->etag == "etag-1");
  CHECK(metadata->timestamp == 1712656091.123);
  CHECK(parse_local_metadata(hash + "\r\n e \r\n1e9\r\nmore"));
  CHECK(parse_local_metadata(hash + "\ne\n12"));
}

TEST_CASE("damaged metadata is none") {
  const std::string hash(40, 'a');
  for (const std::string& text :
       {std::string(), hash, hash + "\n", hash + "\ne\n", hash + "\n\n1\n", hash + "\ne\nnow\n",
        hash + "\ne\nnan\n", hash + "\ne\ninf\n", hash + "\ne\n1 2\n", std::string("main\ne\n1\n"),
        hash + "\n" + std::string(300, 'e') + "\n1\n", std::string(60, '\0'),
        hash + "\n" + std::string(3, '\0') + "\n1\n"}) {
    INFO(text);
    CHECK_FALSE(parse_local_metadata(text));
  }
}

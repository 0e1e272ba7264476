#include "catch_any.hpp"
#include "http/foreign_text.hpp"

using namespace hfaudit;

TEST_CASE("users and passwords are cut from foreign texts") {
  CHECK(without_user_info("Could not resolve host: a.example") ==
        "Could not resolve host: a.example");
  CHECK(without_user_info("Unsupported proxy 'sock5://u:p@host:1'") ==
        "Unsupported proxy 'sock5://host:1'");
  CHECK(without_user_info("'http://u:p@ss w/rd@host' is bad") == "'http://host' is bad");
  CHECK(without_user_info("http://u:x://y@host") == "http://host");
  CHECK(without_user_info("Unsupported proxy syntax in 'u:p w@host'") ==
        "Unsupported proxy syntax in 'host'");
  CHECK(without_user_info("no port in u:p@host") == "no port in host");
  CHECK(without_user_info("u:p@host") == "host");
  CHECK(without_user_info("http://a:b@h http://c:d@e") == "http://e");
  CHECK(without_user_info("@") == "");
}

TEST_CASE("secrets are cut from foreign texts") {
  CHECK(without_secrets("bad token hf_x, hf_x!", {"hf_x", ""}) == "bad token ***, ***!");
  CHECK(without_secrets("a", {}) == "a");
}

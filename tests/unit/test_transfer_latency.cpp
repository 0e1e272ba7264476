// How much silence of a server is too much.
#include <cmath>

#include "catch_any.hpp"
#include "transfer/latency.hpp"

using namespace hfaudit;

namespace {

// Approx is in another place in each Catch2.
bool about(double value, double wanted) {
  return std::abs(value - wanted) < 0.01;
}

Latency steady(double seconds, int times = 100) {
  Latency latency;
  for (int i = 0; i < times; ++i)
    latency.note(seconds);
  return latency;
}

}  // namespace

TEST_CASE("latency: a server that is not known gets a moment, and no lesson changes that") {
  Latency latency;
  CHECK(about(latency.patience(), 2));
  latency.note_impatience();
  CHECK(about(latency.patience(), 2));
}

TEST_CASE("latency: patience is what the server usually takes, and some more") {
  CHECK(about(steady(0.5).patience(), 0.6));  // nothing deviates any more
  CHECK(about(steady(0.5, 1).patience(), 0.5 + 8 * 0.25 + 0.1));
  CHECK(steady(1).patience() > steady(0.5).patience());

  Latency fitful;
  for (int i = 0; i < 100; ++i)
    fitful.note(i % 2 == 0 ? 0.1 : 0.5);
  CHECK(fitful.patience() > 1.5);
  CHECK(fitful.patience() > steady(0.5).patience());
}

TEST_CASE("latency: it follows a server that becomes slower or faster") {
  auto latency = steady(0.1);
  const double before = latency.patience();
  for (int i = 0; i < 4; ++i)
    latency.note(1);
  CHECK(latency.patience() > 5 * before);
  for (int i = 0; i < 200; ++i)
    latency.note(0.1);
  CHECK(about(latency.patience(), before));
}

TEST_CASE("latency: whoever was impatient waits twice as long, and a rescue takes that back") {
  auto latency = steady(0.2);
  const double usual = latency.patience();
  latency.note_rescue();  // not more impatient than the numbers are
  CHECK(about(latency.patience(), usual));
  latency.note_impatience();
  CHECK(about(latency.patience(), 2 * usual));
  latency.note_impatience();
  CHECK(about(latency.patience(), 4 * usual));
  latency.note_rescue();
  CHECK(about(latency.patience(), 2 * usual));
  for (int i = 0; i < 1000; ++i)
    latency.note_impatience();
  CHECK(about(latency.patience(), 16 * usual));
  for (int i = 0; i < 4; ++i)
    latency.note_rescue();
  CHECK(about(latency.patience(), usual));
}

TEST_CASE("latency: neither a fifth of a second nor five are left behind") {
  CHECK(about(steady(0).patience(), 0.2));
  CHECK(about(steady(3600).patience(), 5));
  auto latency = steady(2);
  latency.note_impatience();
  latency.note_impatience();
  CHECK(about(latency.patience(), 5));
}

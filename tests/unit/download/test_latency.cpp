// How much silence of a server is too much.
#include <cmath>

#include "catch_any.hpp"
#include "download/latency.hpp"

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

TEST_CASE("latency: a server that is not known gets a moment") {
  CHECK(about(Latency().patience(), 2));
}

TEST_CASE("latency: patience is twice the longest silence of late, and a little more") {
  CHECK(about(steady(0.5, 1).patience(), 1.075));
  CHECK(about(steady(0.5).patience(), 1.075));

  auto fitful = steady(0.01);
  fitful.note(0.8);
  CHECK(about(fitful.patience(), 1.675));
  for (int i = 0; i < 10; ++i)
    fitful.note(0.01);
  CHECK(fitful.patience() > 1.4);  // it may happen again
}

TEST_CASE("latency: it follows a server that becomes slower or faster") {
  auto latency = steady(0.1);
  const double before = latency.patience();
  latency.note(1);
  CHECK(latency.patience() > 5 * before);
  for (int i = 0; i < 500; ++i)
    latency.note(0.1);
  CHECK(about(latency.patience(), before));
}

TEST_CASE("latency: neither a seventh of a second nor five are left behind") {
  CHECK(about(steady(0).patience(), 0.15));
  CHECK(about(steady(3600).patience(), 5));
}

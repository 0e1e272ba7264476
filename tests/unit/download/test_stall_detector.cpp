// How much silence of a server is too much.
#include <cmath>

#include "catch_any.hpp"
#include "download/stall_detector.hpp"

using namespace hfaudit;

namespace {

// Approx is in another place in each Catch2.
bool about(double value, double wanted) {
  return std::abs(value - wanted) < 0.01;
}

StallDetector steady(double seconds, int times = 100) {
  StallDetector detector;
  for (int i = 0; i < times; ++i)
    detector.note(seconds);
  return detector;
}

}  // namespace

TEST_CASE("detector: a server that is not known gets a moment") {
  CHECK(about(StallDetector().threshold(), 2));
}

TEST_CASE("detector: threshold is twice the longest silence of late, and a little more") {
  CHECK(about(steady(0.5, 1).threshold(), 1.075));
  CHECK(about(steady(0.5).threshold(), 1.075));

  auto fitful = steady(0.01);
  fitful.note(0.8);
  CHECK(about(fitful.threshold(), 1.675));
  for (int i = 0; i < 10; ++i)
    fitful.note(0.01);
  CHECK(fitful.threshold() > 1.4);  // it may happen again
}

TEST_CASE("detector: it follows a server that becomes slower or faster") {
  auto detector = steady(0.1);
  const double before = detector.threshold();
  detector.note(1);
  CHECK(detector.threshold() > 5 * before);
  for (int i = 0; i < 500; ++i)
    detector.note(0.1);
  CHECK(about(detector.threshold(), before));
}

TEST_CASE("detector: neither a seventh of a second nor five are left behind") {
  CHECK(about(steady(0).threshold(), 0.15));
  CHECK(about(steady(3600).threshold(), 5));
}

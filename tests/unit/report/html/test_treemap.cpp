#include "catch_any.hpp"

#include <algorithm>
#include <cmath>

#include "report/html/treemap.hpp"

using namespace hfaudit::report;

namespace {

bool overlap(const TreemapBox& a, const TreemapBox& b) {
  constexpr double slack = 1e-6;
  return a.x + a.width > b.x + slack && b.x + b.width > a.x + slack &&
         a.y + a.height > b.y + slack && b.y + b.height > a.y + slack;
}

bool is_near(double a, double b) {
  return std::abs(a - b) < 1e-6 * std::max(1.0, std::abs(b));
}

double area(const TreemapBox& box) {
  return box.width * box.height;
}

}  // namespace

TEST_CASE("boxes fill the frame, in proportion, and do not overlap") {
  const std::vector<double> sizes{6, 6, 4, 3, 2, 2, 1};
  const TreemapBox frame{10, 20, 600, 400};
  const auto boxes = squarified(sizes, frame);
  REQUIRE(boxes.size() == sizes.size());
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    CHECK(is_near(area(boxes[i]), area(frame) * sizes[i] / 24));
    CHECK(boxes[i].x >= frame.x - 1e-6);
    CHECK(boxes[i].y >= frame.y - 1e-6);
    CHECK(boxes[i].x + boxes[i].width <= frame.x + frame.width + 1e-6);
    CHECK(boxes[i].y + boxes[i].height <= frame.y + frame.height + 1e-6);
    for (std::size_t j = i + 1; j < boxes.size(); ++j)
      CHECK_FALSE(overlap(boxes[i], boxes[j]));
  }
}

TEST_CASE("equal sizes come close to squares") {
  const auto boxes = squarified(std::vector<double>(100, 1.0), {0, 0, 1000, 1000});
  for (const TreemapBox& box : boxes) {
    CHECK(box.width / box.height < 2);
    CHECK(box.height / box.width < 2);
  }
}

TEST_CASE("nothing, one box, and sizes of all orders") {
  CHECK(squarified({}, {0, 0, 10, 10}).empty());
  const auto one = squarified({5}, {0, 0, 10, 20});
  REQUIRE(one.size() == 1);
  CHECK(is_near(one[0].width, 10));
  CHECK(is_near(one[0].height, 20));
  CHECK(squarified({0, 0}, {0, 0, 10, 10}).size() == 2);
  const auto many = squarified({1e19, 1e12, 1e6, 1, 1e-9}, {0, 0, 1000, 380});
  REQUIRE(many.size() == 5);
  for (const TreemapBox& box : many) {
    CHECK(box.width >= 0);
    CHECK(box.height >= 0);
    CHECK(box.width <= 1000);
  }
}

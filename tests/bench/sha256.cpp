// How fast is SHA-256 here: OpenSSL's, ours, ours with two streams in turns; on one core, then on
// all.
//
//   cmake --build --preset release --target hfaudit_bench_sha256 &&
//   build/release/tests/hfaudit_bench_sha256
//
// The best of five, in GB (10^9 bytes) a second of the clock, and of processor time where others
// use the machine too.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "digest/digest.hpp"

namespace {

using namespace hfaudit;

constexpr std::size_t buffer_size = std::size_t{1} << 20U;
constexpr std::size_t bench_rounds = 350;  // of two buffers: 700 MB

double seconds(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

Sha256 begin(Sha256Engine engine) {
  auto digest = Sha256::begin(engine);
  if (digest) return std::move(*digest);
  std::fprintf(stderr, "%s\n", digest.error().cause.c_str());
  std::exit(1);
}

void hash(Sha256Engine engine, bool in_turns) {
  const std::vector<unsigned char> a(buffer_size, 0x5a), b(buffer_size, 0xa5);
  Sha256 first = begin(engine), second = begin(engine);
  for (std::size_t round = 0; round < bench_rounds; ++round) {
    if (in_turns) {
      update_two(first, a, second, b);
    } else {
      first.update(a);
      second.update(b);
    }
  }
  if (!first.finish() || !second.finish()) std::exit(1);
}

void measure(const char* what, Sha256Engine engine, bool in_turns, unsigned threads) {
  double of_clock = 0, of_processor = 0;
  for (int repeat = 0; repeat < 5; ++repeat) {
    const double clock = seconds(CLOCK_MONOTONIC), processor = seconds(CLOCK_PROCESS_CPUTIME_ID);
    std::vector<std::thread> crew;
    for (unsigned i = 0; i < threads; ++i)
      crew.emplace_back(hash, engine, in_turns);
    for (auto& one : crew)
      one.join();
    const double gigabytes = 1e-9 * 2 * buffer_size * bench_rounds * threads;
    of_clock = std::max(of_clock, gigabytes / (seconds(CLOCK_MONOTONIC) - clock));
    of_processor =
        std::max(of_processor, gigabytes / (seconds(CLOCK_PROCESS_CPUTIME_ID) - processor));
  }
  std::printf("%-34s %7.2f %18.2f\n", what, of_clock, of_processor);
}

}  // namespace

int main() {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  for (const unsigned threads : {1U, cores}) {
    std::printf("%u thread%-24s %9s %18s\n", threads, threads == 1 ? "" : "s", "GB/s",
                "per processor s");
    measure("OpenSSL", Sha256Engine::openssl, false, threads);
    const auto name = std::string(begin(Sha256Engine::best).engine());
    measure(name.c_str(), Sha256Engine::best, false, threads);
    measure((name + ", two in turns").c_str(), Sha256Engine::best, true, threads);
    if (cores == 1) break;
  }
}

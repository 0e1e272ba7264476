// How fast is SHA-256 here: OpenSSL's, and each kernel of ours; on one core, then on all.
//
//   cmake --build --preset release --target hfaudit_bench_sha256 &&
//   build/release/tests/hfaudit_bench_sha256 [--only NAME]... [--threads N] [--repeats N]
//
// NAME: openssl, sha, avx2, avx512, avx2+sha, avx512+sha (lanes beside a stream of SHA-NI), files
// (what hfaudit itself chooses after its trial, for as many files as it wants).
//
// The best of five, in GB (10^9 bytes) a second of the clock, and of processor time where others
// use the machine too.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "digest/digest.hpp"
#include "digest/sha256_plan.hpp"
#include "os/cpu.hpp"

namespace {

using namespace hfaudit;

constexpr std::size_t first_bytes = std::size_t{16} << 20U;  // a thread's, to see how fast it is
constexpr std::size_t most_bytes = std::size_t{700} << 20U;
constexpr double bench_seconds = 0.25;

// "model name\t: AMD EPYC"; empty where the kernel does not name it.
std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return {};
}

struct Options {
  std::vector<std::string> only;
  std::vector<unsigned> threads;
  int repeats = 5;

  [[nodiscard]] bool wants(const std::string& name) const {
    return only.empty() || std::ranges::find(only, name) != only.end();
  }
};

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

// As many messages as the plan wants, in pieces that stay in a core's own cache together.
void hash_by(const Sha256Plan& plan, Sha256Engine engine, std::size_t most) {
  const auto count = plan.alone == nullptr ? 1 : plan.streams();
  const std::size_t piece = std::min<std::size_t>((std::size_t{512} << 10U) / count, 128 << 10U);
  const std::vector<unsigned char> bytes(count * piece, 0x5a);
  std::vector<Sha256> hashes;
  std::vector<Sha256Input> inputs;
  for (std::size_t i = 0; i < count; ++i)
    hashes.push_back(begin(engine));
  for (std::size_t i = 0; i < count; ++i)
    inputs.push_back({&hashes[i], Bytes(bytes).subspan(i * piece, piece)});
  for (std::size_t done = 0; done < most; done += bytes.size())
    update_all(plan, inputs);
  for (auto& hash : hashes) {
    if (!hash.finish()) std::exit(1);
  }
}

struct Measured {
  double of_clock = 0, of_processor = 0;
};

Measured measure(const Options& options, unsigned threads,
                 const std::function<void(std::size_t)>& work) {
  Measured best;
  std::size_t bytes = first_bytes;
  for (int repeat = 0; repeat <= options.repeats; ++repeat) {
    const double clock = seconds(CLOCK_MONOTONIC), processor = seconds(CLOCK_PROCESS_CPUTIME_ID);
    std::vector<std::thread> crew;
    for (unsigned i = 0; i < threads; ++i)
      crew.emplace_back(work, bytes);
    for (auto& one : crew)
      one.join();
    const double gigabytes = 1e-9 * static_cast<double>(bytes) * threads;
    const double of_processor = gigabytes / (seconds(CLOCK_PROCESS_CPUTIME_ID) - processor);
    best.of_clock = std::max(best.of_clock, gigabytes / (seconds(CLOCK_MONOTONIC) - clock));
    best.of_processor = std::max(best.of_processor, of_processor);
    const auto more = static_cast<std::size_t>(1e9 * of_processor * bench_seconds);
    bytes = std::clamp(more, std::size_t{1} << 20U, most_bytes);
  }
  return best;
}

Sha256Plan lanes_plan(const Sha256Lanes* lanes, const Sha256Lanes* beside) {
  Sha256Plan plan;
  plan.alone = sha256_alone({});
  plan.lanes = lanes;
  plan.beside = beside;
  plan.break_even = 2;
  return plan;
}

void measure_all(const Options& options, unsigned threads) {
  std::printf("%u thread%-24s %9s %18s %12s\n", threads, threads == 1 ? "" : "s", "GB/s",
              "per processor s", "of OpenSSL");
  double openssl = 0;
  const auto row = [&](const std::string& name, const std::string& what, bool can,
                       const Sha256Plan& plan, Sha256Engine engine = Sha256Engine::best) {
    if (!options.wants(name) && name != "openssl") return;
    if (!can) return static_cast<void>(std::printf("%-34s not on this processor\n", what.c_str()));
    const auto best =
        measure(options, threads, [&](std::size_t most) { hash_by(plan, engine, most); });
    if (name == "openssl") openssl = best.of_processor;
    std::printf("%-34s %7.2f %18.2f %12.2f\n", what.c_str(), best.of_clock, best.of_processor,
                best.of_processor / openssl);
    static_cast<void>(std::fflush(stdout));
  };
  row("openssl", "OpenSSL", true, {}, Sha256Engine::openssl);
  Sha256Plan sha;
  sha.alone = sha256_x86() != nullptr ? sha256_x86() : sha256_arm();
  row("sha", "SHA instructions, two in turns", sha.alone != nullptr, sha);
  row("avx2", "AVX2, 8 lanes", sha256_avx2() != nullptr, lanes_plan(sha256_avx2(), nullptr));
  row("avx2+sha", "AVX2 beside SHA-NI", sha256_avx2_beside() != nullptr,
      lanes_plan(sha256_avx2(), sha256_avx2_beside()));
  row("avx512", "AVX-512, 16 lanes", sha256_avx512() != nullptr,
      lanes_plan(sha256_avx512(), nullptr));
  row("avx512+sha", "AVX-512 beside SHA-NI", sha256_avx512_beside() != nullptr,
      lanes_plan(sha256_avx512(), sha256_avx512_beside()));
  const auto& best = sha256_best_plan();
  row("files", std::to_string(best.streams()) + " files, as chosen", best.alone != nullptr, best);
}

Options parse(int count, char** words) {
  Options options;
  for (int i = 1; i + 1 < count; i += 2) {
    const std::string name = words[i];
    if (name == "--only") options.only.emplace_back(words[i + 1]);
    if (name == "--threads")
      options.threads.push_back(static_cast<unsigned>(std::atoi(words[i + 1])));
    if (name == "--repeats") options.repeats = std::atoi(words[i + 1]);
  }
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  if (options.threads.empty())
    options.threads = cores == 1 ? std::vector{1U} : std::vector{1U, cores};
  return options;
}

}  // namespace

int main(int count, char** words) {
  const auto options = parse(count, words);
  const auto yes = [](bool has) { return has ? "yes" : "no"; };
  std::printf("%s: SHA instructions %s, AVX2 %s, AVX-512 %s\n", cpu_model().c_str(),
              yes(os::cpu_has_sha256()), yes(os::cpu_has_avx2()), yes(os::cpu_has_avx512()));
  const double clock = seconds(CLOCK_MONOTONIC);
  const auto& plan = sha256_best_plan();
  std::printf("chosen in %.0f us: %s, %zu files at once, lanes from %zu files on, gain %.2f\n",
              1e6 * (seconds(CLOCK_MONOTONIC) - clock),
              plan.beside != nullptr  ? plan.beside->name
              : plan.lanes != nullptr ? plan.lanes->name
              : plan.alone != nullptr ? plan.alone->name
                                      : "OpenSSL's digests",
              plan.streams(), plan.break_even, plan.gain);
  for (const unsigned threads : options.threads)
    measure_all(options, threads);
}

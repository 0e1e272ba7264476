// hfaudit-hub-probe [--attempts N] [--first-wait S] [--total S] [--threads N] [--interrupt-after S]
// [--ipv4] REPO Asks the Hub that the environment names for a revision's commit and files, and
// prints them. 0: got them; 2: usage; 3 and 4: as hfaudit's own, with the trouble's name first on
// standard error.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "hub/hub_client.hpp"

using namespace hfaudit;

namespace {

std::stop_source interrupted;

struct Arguments {
  std::map<std::string, double> numbers{{"--attempts", 4},
                                        {"--first-wait", 0.05},
                                        {"--total", 10},
                                        {"--threads", 1},
                                        {"--interrupt-after", 0}};
  bool ipv4 = false;
  std::string repo;
};

Arguments read_arguments(const std::vector<std::string>& words) {
  Arguments arguments;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto number = arguments.numbers.find(words[i]);
    if (number != arguments.numbers.end() && i + 1 < words.size()) {
      number->second = std::strtod(words[++i].c_str(), nullptr);
    } else if (words[i] == "--ipv4") {
      arguments.ipv4 = true;
    } else {
      arguments.repo = words[i];
    }
  }
  return arguments;
}

std::string text_of(const Error& error) {
  return error.operation + " " + error.subject + ": " + error.cause + "\n";
}

int usage(const Error& error) {
  std::cerr << "usage " << text_of(error);
  return 2;
}

struct Outcome {
  std::string out, err;
  int code = 0;
};

Outcome refused(const HubError& error) {
  const int code = refusal_of(error.kind) == Refusal::none ? 3 : 4;
  return {"", std::string(to_string(error.kind)) + " " + text_of(error.error), code};
}

Outcome ask(HubClient& hub, const RepoRequest& request) {
  const auto commit = hub.resolve(request.repo, request.revision.value_or("main"));
  if (!commit) return refused(commit.error());
  const auto tree = hub.tree(request.repo, *commit);
  if (!tree) return refused(tree.error());
  Outcome outcome{"commit " + *commit + "\n", hub.token_refused() ? "token-refused\n" : "", 0};
  for (const auto& file : tree->files) {
    const auto xet = file.xet_hash.empty() ? std::string("-") : file.xet_hash.str();
    outcome.out +=
        std::to_string(file.size) + " " + file.etag() + " " + xet + " " + file.path + "\n";
  }
  return outcome;
}

// From several threads at once; what they found is all the same, or the probe fails.
Outcome ask_at_once(HubClient& hub, const RepoRequest& request, std::size_t threads) {
  std::vector<Outcome> outcomes(threads);
  std::vector<std::thread> crew;
  for (auto& outcome : outcomes)
    crew.emplace_back([&hub, &request, &outcome] { outcome = ask(hub, request); });
  for (auto& thread : crew)
    thread.join();
  for (const auto& outcome : outcomes) {
    if (outcome.out != outcomes[0].out) return {"", "the threads do not agree\n", 70};
  }
  return outcomes[0];
}

}  // namespace

int main(int argc, char** argv) {
  auto arguments = read_arguments({argv + 1, argv + argc});
  auto& numbers = arguments.numbers;
  const auto environment = system_environment();
  const auto request = parse_repo_request(arguments.repo);
  if (!request) return usage(request.error());
  const auto settings = find_hub_settings(environment);
  if (!settings) return usage(settings.error());
  const auto token = find_token(environment, find_layout(environment, {}));
  if (!token) return usage(token.error());

  HubOptions options;
  options.retry.attempts = static_cast<unsigned>(numbers["--attempts"]);
  options.retry.first_wait_s = numbers["--first-wait"];
  options.retry.total_s = numbers["--total"];
  options.ipv4_only = arguments.ipv4;
  HubClient hub(*settings, *token, options, interrupted.get_token());
  const auto after = numbers["--interrupt-after"];
  std::thread([after] {
    std::this_thread::sleep_for(std::chrono::duration<double>(after > 0 ? after : 3600));
    interrupted.request_stop();
  }).detach();
  const auto outcome = ask_at_once(hub, *request, static_cast<std::size_t>(numbers["--threads"]));
  std::cout << outcome.out << std::flush;
  std::cerr << outcome.err;
  std::_Exit(outcome.code);  // the sleeper is still there
}

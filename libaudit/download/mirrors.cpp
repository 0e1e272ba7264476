#include "download/mirrors.hpp"

#include <algorithm>
#include <tuple>

namespace hfaudit {

Mirrors::Mirrors(const std::vector<std::vector<Url>>& urls) {
  for (const auto& one : urls)
    mirrors_.emplace_back().urls = one;
}

bool Mirrors::is_of_use(std::size_t source, const std::vector<MirrorHealth>& health) const {
  return mirrors_[source].is_left() && !health[source].down && (!alone_ || *alone_ == source);
}

bool Mirrors::any(const std::vector<MirrorHealth>& health) const {
  for (std::size_t i = 0; i < mirrors_.size(); ++i) {
    if (is_of_use(i, health)) return true;
  }
  return false;
}

std::optional<std::size_t> Mirrors::pick(const std::vector<MirrorHealth>& health,
                                         const std::vector<std::size_t>& running,
                                         const std::vector<std::size_t>& avoid) const {
  std::optional<std::size_t> best;
  const auto is_avoided = [&](std::size_t i) {
    return std::find(avoid.begin(), avoid.end(), i) != avoid.end();
  };
  const auto rank = [&](std::size_t i) {
    return std::tuple(is_avoided(i), mirrors_[i].whole_only, running[i]);
  };
  for (std::size_t i = 0; i < mirrors_.size(); ++i) {
    if (is_of_use(i, health) && (!best || rank(i) < rank(*best))) best = i;
  }
  return best;
}

const Url& Mirrors::url(std::size_t source) const {
  const auto& mirror = mirrors_[source];
  return mirror.urls[std::min(mirror.at, mirror.urls.size() - 1)];
}

bool Mirrors::note_end(std::size_t source, const EndedMirrorRequest& request,
                       MirrorHealth& health) {
  constexpr unsigned enough = 3;
  auto& mirror = mirrors_[source];
  if (!request.verdict) {
    cause_ = request.cause.empty() ? "no answer" : request.cause;
    health.down = true;
    health.cause = cause_;
    return false;
  }
  const auto kind = request.verdict->kind;
  if (kind == AnswerKind::range || kind == AnswerKind::whole) {
    if (request.gained != 0) {
      mirror.failures = 0;
      return true;
    }
    cause_ = request.cause.empty() ? "the server ended the transfer too early" : request.cause;
    if (++mirror.failures >= enough) drop(source);
    return false;
  }
  cause_ = request.verdict->cause;
  if (kind == AnswerKind::waits) {  // it is busy with others
    cause_ = "the server asks for a delay";
    if (++mirror.failures >= enough) drop(source);
    return false;
  }
  if (mirror.is_left()) ++mirror.at;
  mirror.validator.clear();
  return false;
}

bool Mirrors::accept_whole(std::size_t source, const std::vector<MirrorHealth>& health) {
  mirrors_[source].whole_only = true;
  for (std::size_t i = 0; i < mirrors_.size(); ++i) {
    if (i != source && is_of_use(i, health) && !mirrors_[i].whole_only) return false;
  }
  return true;
}

void Mirrors::note_bytes(std::size_t source, std::uint64_t bytes) {
  mirrors_[source].bytes += bytes;
  mirrors_[source].gave = mirrors_[source].gave || bytes != 0;
}

void Mirrors::note_wrong_content() {
  std::vector<std::size_t> gave;
  for (std::size_t i = 0; i < mirrors_.size(); ++i) {
    if (mirrors_[i].gave) gave.push_back(i);
    mirrors_[i].gave = false;
  }
  if (gave.size() == 1) drop(gave.front());
  if (gave.size() > 1) {
    for (const auto source : gave)
      mirrors_[source].suspect = true;
  }
  alone_.reset();
  for (std::size_t i = 0; i < mirrors_.size() && !alone_; ++i) {
    if (mirrors_[i].suspect && mirrors_[i].is_left()) alone_ = i;
  }
}

std::vector<std::uint64_t> Mirrors::bytes() const {
  std::vector<std::uint64_t> all;
  for (const auto& mirror : mirrors_)
    all.push_back(mirror.bytes);
  return all;
}

}  // namespace hfaudit

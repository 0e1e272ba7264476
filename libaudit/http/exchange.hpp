// One request on a libcurl handle: its settings, the received data, and its end. Independent of the
// driver of the handle.
#pragma once

#include <array>
#include <memory>

#include "http/curl_library.hpp"
#include "http/messages.hpp"

namespace hfaudit::http {

class CurlExchange {
 public:
  // Sets everything up on `handle`. All but that are borrowed. With a `receiver` the whole body
  // goes there.
  CurlExchange(const CurlLibrary& curl, CURL* handle, const Request& request,
               const Options& options, Receiver* receiver = nullptr);
  // Off the handle: callbacks of libcurl while it closes a connection would reach a dead object.
  ~CurlExchange() { curl_.easy_reset(handle_); }
  CurlExchange(const CurlExchange&) = delete;
  CurlExchange& operator=(const CurlExchange&) = delete;

  // The result, once libcurl reports the end.
  [[nodiscard]] Expected<Response> finish(CURLcode code);

 private:
  void set_request(const Request& request, const Options& options);
  void set_ssh(const Request& request, const SshAccess& access);
  void set_body(const Request& request);
  void set_limits(const Request& request);
  void set_trust(const Options& options);
  void set_headers(const Request& request);
  void set_streaming();
  bool take_header(std::string_view line);
  bool take_body(std::string_view bytes);
  [[nodiscard]] bool hand_over_head();
  // sftp lacks an answer's head: makes one as a web server would.
  [[nodiscard]] bool make_head(int status);
  [[nodiscard]] std::optional<int> status_of_ssh(CURLcode code) const;
  [[nodiscard]] std::size_t hand_over(std::span<const char> bytes);
  [[nodiscard]] Failure explain(CURLcode code) const;
  [[nodiscard]] Failure explain_timeout() const;
  [[nodiscard]] Failure failed(ErrorKind kind, std::string_view cause, int code = 0) const;
  [[nodiscard]] std::string details() const;

  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);

  using List = std::unique_ptr<curl_slist, decltype(&::curl_slist_free_all)>;

  const CurlLibrary& curl_;
  CURL* handle_;
  const Request& request_;
  List lines_;
  std::array<char, CURL_ERROR_SIZE> text_{};
  std::size_t header_bytes_ = 0;
  bool too_large_ = false;
  bool stopped_ = false;  // by the receiver
  bool over_ssh_ = false;
  std::string range_;      // over ssh: "0-99"; empty: all
  bool has_head_ = false;  // over ssh: it was made
  Receiver* receiver_;
  Response response_;
};

}  // namespace hfaudit::http

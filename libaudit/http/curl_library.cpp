#include "http/curl_library.hpp"

#ifndef HFAUDIT_LINK_CURL
#include <dlfcn.h>
#endif

#include <string>

#include "os/static_runtime.hpp"

namespace hfaudit::http {
namespace {

#ifdef HFAUDIT_LINK_CURL

template <class Function>
void find(void*, const char*, Function linked, Function& function) {
  function = linked;
}
Result<void*> load() {
  os::keep_openssl_unconfigured();
  return nullptr;
}

#else

// Debian's second one is the same library with another TLS inside; git brings it along.
constexpr const char* names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};

Result<void*> load() {
  for (const char* name : names) {
    if (void* library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL)) return library;
  }
  return failure("load", names[0],
                 "it is not installed (Debian, Ubuntu: apt-get install libcurl4)");
}

template <class Function>
void find(void* library, const char* name, Function, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
}

#endif

Result<CurlLibrary> load_all() {
  const auto library = load();
  if (!library) return tl::unexpected<Error>(library.error());
  CurlLibrary curl;
  const char* missing = nullptr;
  const auto get = [&](const char* name, auto linked, auto& function) {
    find(*library, name, linked, function);
    if (function == nullptr) missing = name;
  };
#ifdef HFAUDIT_LINK_CURL
#define HFAUDIT_CURL(name) get("curl_" #name, &::curl_##name, curl.name)
#else
// leaves no reference for the linker
#define HFAUDIT_CURL(name) get("curl_" #name, decltype(curl.name){}, curl.name)
#endif
  HFAUDIT_CURL(global_init);
  HFAUDIT_CURL(easy_init);
  HFAUDIT_CURL(easy_reset);
  HFAUDIT_CURL(easy_setopt);
  HFAUDIT_CURL(easy_getinfo);
  HFAUDIT_CURL(easy_cleanup);
  HFAUDIT_CURL(slist_append);
  HFAUDIT_CURL(slist_free_all);
  HFAUDIT_CURL(multi_init);
  HFAUDIT_CURL(multi_cleanup);
  HFAUDIT_CURL(multi_add_handle);
  HFAUDIT_CURL(multi_remove_handle);
  HFAUDIT_CURL(multi_perform);
  HFAUDIT_CURL(multi_poll);
  HFAUDIT_CURL(multi_info_read);
  HFAUDIT_CURL(multi_setopt);
  HFAUDIT_CURL(multi_wakeup);
  HFAUDIT_CURL(easy_pause);
#undef HFAUDIT_CURL
  if (missing != nullptr)
    return failure("load", "libcurl", std::string("it is too old: it has no ") + missing);
  if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
    return failure("load", "libcurl", "it could not start");
  return curl;
}

}  // namespace

const Result<CurlLibrary>& curl_library() {
  static const Result<CurlLibrary> library = load_all();  // once, whichever thread comes first
  return library;
}

}  // namespace hfaudit::http

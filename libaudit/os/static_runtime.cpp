#include "os/static_runtime.hpp"

#include <unistd.h>

#ifdef HFAUDIT_STATIC
#include <nss.h>
#endif
#ifdef HFAUDIT_LINK_OPENSSL
#include <openssl/crypto.h>
#endif

namespace hfaudit::os {

void keep_to_built_in_lookups() {
#ifdef HFAUDIT_STATIC
  for (const char* database : {"passwd", "group", "initgroups", "services"})
    ::__nss_configure_lookup(database, "files");
  ::__nss_configure_lookup("hosts", "files dns");
#endif
}

void keep_openssl_unconfigured() {
#ifdef HFAUDIT_LINK_OPENSSL
  ::OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
#endif
}

std::string system_ca_bundle() {
  for (const char* place : {
           "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Alpine, Arch, distroless
           "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // RHEL, Fedora
           "/etc/pki/tls/certs/ca-bundle.crt",                   // older ones
           "/etc/ssl/ca-bundle.pem",                             // SUSE
           "/var/lib/ca-certificates/ca-bundle.pem",             // SUSE, image without the link
           "/etc/ssl/cert.pem",                                  // Alpine's base image
           "/etc/ssl/certs",
       }) {
    if (::access(place, R_OK) == 0) return place;
  }
  return {};
}

}  // namespace hfaudit::os

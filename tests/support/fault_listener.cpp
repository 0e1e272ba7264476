#include "fault_listener.hpp"

#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace faults {
namespace {

int install_filter() {
  std::vector<sock_filter> code;
  code.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (const auto& call : calls) {
    code.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call.number), 0, 1));
    code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF));
  }
  code.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
  return static_cast<int>(
      ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
}

// A message of one byte with room for one descriptor. sendmsg is not among the calls that are
// announced, so the child can pass its listener.
struct DescriptorMessage {
  DescriptorMessage() {
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = bytes.data();
    message.msg_controllen = bytes.size();
  }

  char byte = 0;
  iovec data{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> bytes{};
  msghdr message{};
};

void send_descriptor(int socket, int fd) {
  DescriptorMessage with;
  auto* header = CMSG_FIRSTHDR(&with.message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  *reinterpret_cast<int*>(CMSG_DATA(header)) = fd;
  if (::sendmsg(socket, &with.message, 0) < 0) ::_exit(125);
}

int receive_descriptor(int socket) {
  DescriptorMessage with;
  if (::recvmsg(socket, &with.message, MSG_CMSG_CLOEXEC) <= 0) return -1;
  const auto* header = CMSG_FIRSTHDR(&with.message);
  return header == nullptr ? -1 : *reinterpret_cast<const int*>(CMSG_DATA(header));
}

template <typename T>
bool read_memory(pid_t process, std::uint64_t address, T* into, std::size_t count) {
  iovec local{into, count * sizeof(T)};
  iovec remote{reinterpret_cast<void*>(address), count * sizeof(T)};
  return ::process_vm_readv(process, &local, 1, &remote, 1, 0) ==
         static_cast<ssize_t>(count * sizeof(T));
}

// Page by page: the path may end right before memory that is not there.
std::string read_text(pid_t process, std::uint64_t address) {
  constexpr std::uint64_t page = 4096;
  std::string text;
  while (text.size() < PATH_MAX) {
    std::array<char, page> piece;
    const auto length = page - address % page;
    if (!read_memory(process, address, piece.data(), length)) return text;
    const std::string_view seen(piece.data(), length);
    const auto end = seen.find('\0');
    text += seen.substr(0, end);
    if (end != std::string_view::npos) return text;
    address += length;
  }
  return text;
}

std::string link_text(const std::string& path) {
  std::array<char, PATH_MAX> text;
  const auto length = ::readlink(path.c_str(), text.data(), text.size());
  return length < 0 ? std::string() : std::string(text.data(), static_cast<std::size_t>(length));
}

std::string path_of(pid_t process, int fd) {
  const auto folder = "/proc/" + std::to_string(process);
  return link_text(fd == AT_FDCWD ? folder + "/cwd" : folder + "/fd/" + std::to_string(fd));
}

std::string path_at(pid_t process, int folder, std::uint64_t address) {
  constexpr std::string_view own = "/proc/self/fd/";
  const auto text = address == 0 ? std::string() : read_text(process, address);
  if (text.starts_with(own)) return path_of(process, std::atoi(text.c_str() + own.size()));
  if (text.starts_with('/')) return text;
  const auto parent = path_of(process, folder);
  return text.empty() || text == "." ? parent : parent + "/" + text;
}

std::vector<std::string> paths_of(pid_t process, const Call& call, const seccomp_data& data) {
  const auto* arguments = &data.args[call.first];
  const auto fd = static_cast<int>(arguments[0]);
  switch (call.shape) {
    case Shape::descriptor:
      return {path_of(process, fd)};
    case Shape::path:
      return {path_at(process, AT_FDCWD, arguments[0])};
    case Shape::at:
      return {path_at(process, fd, arguments[1])};
    case Shape::two_at:
      return {path_at(process, fd, arguments[1]),
              path_at(process, static_cast<int>(arguments[2]), arguments[3])};
    case Shape::control_blocks: {
      std::uint64_t block = 0;
      iocb control{};
      if (!read_memory(process, arguments[0], &block, 1) ||
          !read_memory(process, block, &control, 1))
        return {};
      return {path_of(process, static_cast<int>(control.aio_fildes))};
    }
    case Shape::anything:
      return {};
  }
  return {};
}

std::optional<std::string> below(const std::string& root, const std::string& path) {
  if (path == root) return ".";
  if (!path.starts_with(root) || path[root.size()] != '/') return std::nullopt;
  return path.substr(root.size() + 1);
}

const Call* find_call(int number) {
  for (const auto& call : calls)
    if (call.number == number) return &call;
  return nullptr;
}

}  // namespace

int start_listening(char** program, pid_t& child) {
  std::array<int, 2> sockets{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets.data()) != 0) return -1;
  child = ::fork();
  if (child == 0) {
    const int listener = install_filter();
    if (listener < 0) ::_exit(125);
    send_descriptor(sockets[1], listener);
    ::close(listener);
    ::execvp(program[0], program);
    ::_exit(127);
  }
  ::close(sockets[1]);
  const int listener = receive_descriptor(sockets[0]);
  ::close(sockets[0]);
  return listener;
}

void answer(int listener, const std::string& root,
            const std::function<int(const Call&, const std::string& path)>& decide) {
  seccomp_notif asked{};
  if (::ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) return;  // a signal came first
  seccomp_notif_resp given{};
  given.id = asked.id;
  given.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  const auto process = static_cast<pid_t>(asked.pid);
  const auto* call = find_call(asked.data.nr);
  std::optional<std::string> found;
  if (call != nullptr && call->shape == Shape::anything) found = "";
  if (call != nullptr) {
    for (const auto& path : paths_of(process, *call, asked.data))
      if (!found) found = below(root, path);
  }
  if (const int error = found ? decide(*call, *found) : 0; error != 0) {
    given.flags = 0;
    given.error = -error;
  }
  (void)::ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &given);
}

}  // namespace faults

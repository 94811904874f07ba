// Sockets. What each function means is said where TypeScript declares it: src/core/native.ts.
#include "call.h"
#include "descriptor.h"
#include "exports.h"
#include "received.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace bipoll {
namespace {

// The numbers of an Int32Array, in the order of enum bp_tcp_setting, of which those below 0 are not
// given; and the name of a network interface, or null.
class TcpOptions {
public:
  TcpOptions(const Call &call, size_t first) : interface_(call.text(first + 1)) {
    const Bytes numbers = call.bytes(first);
    if (numbers.length == BP_TCP_SETTINGS) {
      std::memcpy(options_.numbers, numbers.data, sizeof options_.numbers);
      for (unsigned i = 0; i < BP_TCP_SETTINGS; i++) {
        options_.given |= options_.numbers[i] >= 0 ? 1U << i : 0U;
      }
    }
  }

  // Valid as long as this is.
  bp_tcp_options get() const {
    bp_tcp_options options = options_;
    options.network_interface = interface_.orNull();
    return options;
  }

private:
  Text interface_;
  bp_tcp_options options_{};
};

Napi::Value ListenTcp(const Napi::CallbackInfo &info) {
  const Call call(info);
  const Text host = call.text(0);
  const TcpOptions tcp(call, 6);
  bp_listen_tcp_options options{};
  options.host = host.c_str();
  options.port = call.integer<uint16_t>(1);
  options.backlog = call.integer<int>(2);
  options.reuse_address = call.boolean(3);
  options.reuse_port = call.boolean(4);
  options.ipv6_only = call.boolean(5);
  options.tcp = tcp.get();
  bp_socket *socket = nullptr;
  const int error = bp_listen_tcp(&options, &socket);
  return call.added(error, socket);
}

Napi::Value ListenLocal(const Napi::CallbackInfo &info) {
  const Call call(info);
  const Bytes path = call.bytes(0);
  bp_listen_local_options options{};
  options.path = reinterpret_cast<const char *>(path.data);
  options.path_length = path.length;
  options.backlog = call.integer<int>(1);
  options.mode = call.integer<unsigned>(2);
  options.delete_on_close = call.boolean(3);
  options.replace_stale = call.boolean(4);
  bp_socket *socket = nullptr;
  const int error = bp_listen_local(&options, &socket);
  return call.added(error, socket);
}

Napi::Value ConnectTcp(const Napi::CallbackInfo &info) {
  const Call call(info);
  const Text host = call.text(0);
  const Text localHost = call.text(2);
  const TcpOptions tcp(call, 4);
  bp_connect_tcp_options options{};
  options.host = host.c_str();
  options.port = call.integer<uint16_t>(1);
  options.local_host = localHost.orNull();
  options.local_port = call.integer<uint16_t>(3);
  options.tcp = tcp.get();
  bp_socket *socket = nullptr;
  const int error = bp_connect_tcp(&options, &socket);
  return call.added(error, socket);
}

Napi::Value ConnectLocal(const Napi::CallbackInfo &info) {
  const Call call(info);
  const Bytes path = call.bytes(0);
  bp_socket *socket = nullptr;
  const int error =
      bp_connect_local(reinterpret_cast<const char *>(path.data), path.length, &socket);
  return call.added(error, socket);
}

Napi::Value SocketPair(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *pair[2] = {nullptr, nullptr};
  const int error = bp_socket_pair(pair);
  if (error) {
    return call.result(error);
  }
  Napi::Array tokens = Napi::Array::New(call.env(), 2);
  tokens.Set(0U, call.added(0, pair[0]));
  tokens.Set(1U, call.added(0, pair[1]));
  return tokens;
}

Napi::Value Adopt(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = nullptr;
  const int error = bp_adopt(call.integer<int>(0), call.integer<bp_kind>(1), &socket);
  return call.added(error, socket);
}

Napi::Value Close(const Napi::CallbackInfo &info) {
  const Call call(info);
  if (bp_socket *socket = call.socket(0)) {
    bp_slots_remove(&call.environment().sockets, call.token(0));
    bp_socket_close(socket);
  }
  return call.env().Undefined();
}

// Named by no token any more, unless it failed.
Napi::Value Detach(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  const int fd = socket ? bp_socket_detach(socket) : -EBADF;
  if (fd >= 0) {
    bp_slots_remove(&call.environment().sockets, call.token(0));
  }
  return call.result(fd);
}

Napi::Value Recall(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  return Napi::Boolean::New(call.env(), socket && bp_socket_recall(socket));
}

Napi::Value Accept(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *server = call.socket(0);
  bp_socket *socket = nullptr;
  if (!server) {
    return call.result(-EBADF);
  }
  const int error = bp_socket_accept(server, &socket);
  return call.added(error, socket);
}

Napi::Value Fd(const Napi::CallbackInfo &info) {
  const Call call(info);
  const bp_socket *socket = call.socket(0);
  return call.result(socket ? bp_socket_fd(socket) : -1);
}

Napi::Value Access(const Napi::CallbackInfo &info) {
  const Call call(info);
  const bp_socket *socket = call.socket(0);
  return call.result(socket ? bp_descriptor_access(bp_socket_fd(socket)) : -EBADF);
}

Napi::Value describe(const Call &call, const bp_address &found) {
  Napi::Object result = Napi::Object::New(call.env());
  result.Set("host", textValue(call.env(), found.host));
  result.Set("port", Napi::Number::New(call.env(), found.port));
  return result;
}

Napi::Value LocalAddress(const Napi::CallbackInfo &info) {
  const Call call(info);
  const bp_socket *socket = call.socket(0);
  bp_address found{};
  const int error = socket ? bp_socket_local_address(socket, &found) : -EBADF;
  return error ? call.result(error) : describe(call, found);
}

Napi::Value RemoteAddress(const Napi::CallbackInfo &info) {
  const Call call(info);
  const bp_socket *socket = call.socket(0);
  bp_address found{};
  return socket && !bp_socket_remote_address(socket, &found) ? describe(call, found)
                                                             : call.env().Null();
}

/* Null where the system does not tell. */
Napi::Value peerGroups(Napi::Env env, const bp_socket *socket) {
  std::vector<uint32_t> groups;
  const int count = bp_socket_peer_groups(socket, groups.data(), 0);
  if (count < 0) {
    return env.Null();
  }
  groups.resize(static_cast<size_t>(count));
  if (bp_socket_peer_groups(socket, groups.data(), groups.size()) != count) {
    return env.Null();
  }
  Napi::Array result = Napi::Array::New(env, groups.size());
  for (uint32_t i = 0; i < groups.size(); i++) {
    result.Set(i, Napi::Number::New(env, groups[i]));
  }
  return result;
}

Napi::Value PeerCredentials(const Napi::CallbackInfo &info) {
  const Call call(info);
  const bp_socket *socket = call.socket(0);
  bp_credentials found{};
  if (!socket || bp_socket_peer_credentials(socket, &found)) {
    return call.env().Null();
  }
  Napi::Object result = Napi::Object::New(call.env());
  result.Set("pid", Napi::Number::New(call.env(), static_cast<double>(found.pid)));
  result.Set("uid", Napi::Number::New(call.env(), static_cast<double>(found.uid)));
  result.Set("gid", Napi::Number::New(call.env(), static_cast<double>(found.gid)));
  result.Set("groups", peerGroups(call.env(), socket));
  return result;
}

Napi::Value Holds(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  return call.result(socket ? bp_socket_holds(socket, call.integer<unsigned>(1)) : 0);
}

Napi::Value ConnectionError(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  return call.result(socket ? bp_socket_error(socket) : -EBADF);
}

Napi::Value NoteUnread(const Napi::CallbackInfo &info) {
  const Call call(info);
  if (bp_socket *socket = call.socket(0)) {
    bp_socket_hold_unread(socket, call.boolean(1));
  }
  return call.env().Undefined();
}

Napi::Value Read(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  const Bytes bytes = Call::slice(call.bytes(1), call.number(2), call.number(3));
  return call.result(socket ? static_cast<double>(
                                  bp_socket_read(socket, bytes.data, bytes.length, call.boolean(4)))
                            : -EBADF);
}

Napi::Value Write(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  const Bytes bytes = Call::slice(call.bytes(1), call.number(2), call.number(3));
  return call.result(socket ? static_cast<double>(bp_socket_write(socket, bytes.data, bytes.length))
                            : -EBADF);
}

Napi::Value ReadWait(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  const Bytes bytes = Call::slice(call.bytes(1), call.number(2), call.number(3));
  const bp_interrupt interrupt = call.interrupt(5);
  return call.result(
      socket ? static_cast<double>(bp_socket_read_wait(
                   socket, bytes.data, bytes.length, bp_deadline_after(call.number(4)), &interrupt))
             : -EBADF);
}

Napi::Value WriteWait(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  const Bytes bytes = Call::slice(call.bytes(1), call.number(2), call.number(3));
  const bp_interrupt interrupt = call.interrupt(5);
  return call.result(
      socket ? static_cast<double>(bp_socket_write_wait(
                   socket, bytes.data, bytes.length, bp_deadline_after(call.number(4)), &interrupt))
             : -EBADF);
}

Napi::Value Writev(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  const Napi::Array buffers = call.array(1);
  bp_bytes pieces[BP_MAX_PIECES];
  size_t count = 0;
  for (uint32_t i = 0; i < buffers.Length() && count < BP_MAX_PIECES; i++) {
    const Bytes bytes = call.bytesOf(buffers.Get(i));
    pieces[count++] = {bytes.data, bytes.length};
  }
  return call.result(socket ? static_cast<double>(bp_socket_writev(socket, pieces, count))
                            : -EBADF);
}

Napi::Value Shutdown(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  return call.result(socket ? bp_socket_shutdown(socket) : -EBADF);
}

Napi::Value SetTcpOptions(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  const TcpOptions tcp(call, 1);
  const bp_tcp_options options = tcp.get();
  return call.result(socket ? bp_socket_set_tcp(socket, &options) : -EBADF);
}

Napi::Value TcpInformation(const Napi::CallbackInfo &info) {
  const Call call(info);
  const bp_socket *socket = call.socket(0);
  bp_tcp_information found{};
  const int error = socket ? bp_socket_tcp_information(socket, &found) : -EBADF;
  if (error) {
    return call.result(error);
  }
  const int64_t numbers[] = {
      found.round_trip_us,     found.round_trip_variation_us,
      found.retransmissions,   found.unacknowledged_bytes,
      found.unsent_bytes,      found.congestion_window_bytes,
      found.segment_bytes,     found.receive_buffer_bytes,
      found.send_buffer_bytes,
  };
  Napi::Array result = Napi::Array::New(call.env());
  for (const int64_t number : numbers) {
    result.Set(result.Length(), Napi::Number::New(call.env(), static_cast<double>(number)));
  }
  return result;
}

Napi::Value ResetOnClose(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  return call.result(socket ? bp_socket_reset_on_close(socket) : -EBADF);
}

Napi::Value SendDescriptors(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  const Bytes bytes = call.bytes(1);
  int fds[BP_MAX_DESCRIPTORS];
  size_t count = 0;
  const int error = socket ? call.descriptors(2, fds, count) : -EBADF;
  return call.result(error ? error
                           : static_cast<double>(bp_socket_send_descriptors(
                                 socket, bytes.data, bytes.length, fds, count)));
}

// All of them become sockets, or all are closed: nobody else knows of them.
int adoptAll(const int *fds, size_t count, bp_socket **out) {
  for (size_t adopted = 0; adopted < count; adopted++) {
    const int error = adoptReceived(fds[adopted], &out[adopted]);
    if (error) {
      std::for_each(out, out + adopted, bp_socket_close);
      std::for_each(fds + adopted + 1, fds + count, bp_descriptor_close);
      return error;
    }
  }
  return 0;
}

Napi::Value ReceiveDescriptors(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  const Bytes bytes = call.bytes(1);
  Napi::Array received = call.array(2);
  int fds[BP_MAX_DESCRIPTORS];
  size_t count = BP_MAX_DESCRIPTORS;
  if (!socket) {
    return call.result(-EBADF);
  }
  const int64_t got = bp_socket_receive_descriptors(socket, bytes.data, bytes.length, fds, &count);
  bp_socket *sockets[BP_MAX_DESCRIPTORS] = {};
  const int error = adoptAll(fds, count, sockets);
  if (error) {
    return call.result(error);
  }
  for (uint32_t i = 0; i < count; i++) {
    const bp_kind kind = bp_socket_kind(sockets[i]);
    received.Set(2 * i, Napi::Number::New(call.env(), kind));
    received.Set(2 * i + 1, call.added(0, sockets[i]));
  }
  return call.result(static_cast<double>(got));
}

} // namespace

void exportSockets(Napi::Env env, Napi::Object exports, Environment *environment) {
  exportFunction<ListenTcp>(env, exports, "listenTcp", environment);
  exportFunction<ListenLocal>(env, exports, "listenLocal", environment);
  exportFunction<ConnectTcp>(env, exports, "connectTcp", environment);
  exportFunction<ConnectLocal>(env, exports, "connectLocal", environment);
  exportFunction<SocketPair>(env, exports, "socketPair", environment);
  exportFunction<Adopt>(env, exports, "adopt", environment);
  exportFunction<Close>(env, exports, "close", environment);
  exportFunction<Detach>(env, exports, "detach", environment);
  exportFunction<Recall>(env, exports, "recall", environment);
  exportFunction<Accept>(env, exports, "accept", environment);
  exportFunction<Fd>(env, exports, "fd", environment);
  exportFunction<Access>(env, exports, "access", environment);
  exportFunction<LocalAddress>(env, exports, "localAddress", environment);
  exportFunction<RemoteAddress>(env, exports, "remoteAddress", environment);
  exportFunction<PeerCredentials>(env, exports, "peerCredentials", environment);
  exportFunction<Holds>(env, exports, "holds", environment);
  exportFunction<ConnectionError>(env, exports, "connectionError", environment);
  exportFunction<NoteUnread>(env, exports, "noteUnread", environment);
  exportFunction<Read>(env, exports, "read", environment);
  exportFunction<Write>(env, exports, "write", environment);
  exportFunction<ReadWait>(env, exports, "readWait", environment);
  exportFunction<WriteWait>(env, exports, "writeWait", environment);
  exportFunction<Writev>(env, exports, "writev", environment);
  exportFunction<Shutdown>(env, exports, "shutdown", environment);
  exportFunction<SetTcpOptions>(env, exports, "setTcpOptions", environment);
  exportFunction<TcpInformation>(env, exports, "tcpInformation", environment);
  exportFunction<ResetOnClose>(env, exports, "resetOnClose", environment);
  exportFunction<SendDescriptors>(env, exports, "sendDescriptors", environment);
  exportFunction<ReceiveDescriptors>(env, exports, "receiveDescriptors", environment);
}

} // namespace bipoll

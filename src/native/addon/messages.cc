// Sockets that carry messages. What each function means is said where TypeScript declares it:
// src/core/native.ts.
#include "call.h"
#include "exports.h"
#include "limits.h"

#include <algorithm>
#include <cstring>

namespace bipoll {
namespace {

Napi::Value OpenUdp(const Napi::CallbackInfo &info) {
  const Call call(info);
  const Text host = call.text(0);
  const Text peer = call.text(5);
  bp_udp_options options{};
  options.host = host.c_str();
  options.port = call.integer<uint16_t>(1);
  options.reuse_address = call.boolean(2);
  options.reuse_port = call.boolean(3);
  options.ipv6_only = call.boolean(4);
  options.peer_host = peer.orNull();
  options.peer_port = call.integer<uint16_t>(6);
  options.receive_buffer_bytes = call.integer<int>(7);
  options.send_buffer_bytes = call.integer<int>(8);
  bp_socket *socket = nullptr;
  const int error = bp_open_udp(&options, &socket);
  return call.added(error, socket);
}

Napi::Value SetUdp(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  return call.result(
      socket ? bp_udp_set(socket, call.integer<bp_udp_setting>(1), call.integer<int>(2)) : -EBADF);
}

Napi::Value SetMembership(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  const Text group = call.text(1);
  const Text byHost = call.text(2);
  return call.result(
      socket ? bp_udp_set_membership(socket, group.c_str(), byHost.orNull(), call.boolean(3))
             : -EBADF);
}

Napi::Value SetMulticastInterface(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  return call.result(socket ? bp_udp_set_multicast_interface(socket, call.text(1).c_str())
                            : -EBADF);
}

bp_listen_local_options localOptions(const Bytes &path, const Call &call, size_t first) {
  bp_listen_local_options options{};
  options.path = reinterpret_cast<const char *>(path.data);
  options.path_length = path.length;
  options.mode = call.integer<unsigned>(first);
  options.delete_on_close = call.boolean(first + 1);
  options.replace_stale = call.boolean(first + 2);
  return options;
}

Napi::Value OpenLocalDatagram(const Napi::CallbackInfo &info) {
  const Call call(info);
  const Bytes path = call.bytes(0);
  const Bytes peer = call.bytes(1);
  const bp_listen_local_options own = localOptions(path, call, 2);
  bp_socket *socket = nullptr;
  const int error = bp_open_local_datagram(
      path.data ? &own : nullptr, reinterpret_cast<const char *>(peer.data), peer.length, &socket);
  return call.added(error, socket);
}

Napi::Value ListenLocalPackets(const Napi::CallbackInfo &info) {
  const Call call(info);
  const Bytes path = call.bytes(0);
  bp_listen_local_options options = localOptions(path, call, 2);
  options.backlog = call.integer<int>(1);
  bp_socket *socket = nullptr;
  const int error = bp_listen_local_packets(&options, &socket);
  return call.added(error, socket);
}

Napi::Value ConnectLocalPackets(const Napi::CallbackInfo &info) {
  const Call call(info);
  const Bytes path = call.bytes(0);
  bp_socket *socket = nullptr;
  const int error =
      bp_connect_local_packets(reinterpret_cast<const char *>(path.data), path.length, &socket);
  return call.added(error, socket);
}

// A host and a port, a path and null, or two nulls.
void appendSender(const Call &call, Napi::Array senders, const bp_endpoint &from) {
  const uint32_t index = senders.Length();
  const Napi::Env env = call.env();
  if (from.address.host[0]) {
    senders.Set(index, textValue(env, from.address.host));
    senders.Set(index + 1, Napi::Number::New(env, from.address.port));
    return;
  }
  senders.Set(index, from.path_length ? textValue(env, from.path, from.path_length) : env.Null());
  senders.Set(index + 1, env.Null());
}

bool areSame(const bp_endpoint &one, const bp_endpoint &other) {
  return one.address.port == other.address.port &&
         std::strcmp(one.address.host, other.address.host) == 0 &&
         one.path_length == other.path_length &&
         std::memcmp(one.path, other.path, one.path_length) == 0;
}

Napi::Value ReceiveMessages(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  const Bytes memory = call.bytes(1);
  const auto slot = call.integer<size_t>(2);
  const Bytes fields = call.bytes(4);
  bp_message messages[BP_MAX_MESSAGES];
  if (!socket || slot == 0) {
    return call.result(-EBADF);
  }
  const size_t count =
      std::min({call.integer<size_t>(3), memory.length / slot, fields.length / messageFields,
                static_cast<size_t>(BP_MAX_MESSAGES)});
  for (size_t i = 0; i < count; i++) {
    messages[i].bytes = memory.data + i * slot;
    messages[i].capacity_bytes = slot;
  }
  const int got = bp_socket_receive(socket, messages, count);
  const Napi::Array senders = call.array(5);
  auto *out = reinterpret_cast<double *>(fields.data);
  size_t end = 0;
  int sender = -1;
  for (int i = 0; i < got; i++, out += messageFields) {
    std::memmove(memory.data + end, messages[i].bytes, messages[i].length);
    end += messages[i].length;
    if (i == 0 || !areSame(messages[i - 1].from, messages[i].from)) {
      appendSender(call, senders, messages[i].from);
      sender++;
    }
    out[0] = static_cast<double>(messages[i].length);
    out[1] = messages[i].is_cut;
    out[2] = messages[i].dropped;
    out[3] = sender;
  }
  return call.result(got);
}

// 0, or why that is no address.
int readReceiver(const Call &call, Napi::Array receivers, uint32_t index, bp_endpoint *to) {
  const Napi::Value where = receivers.Get(2 * index);
  *to = {};
  if (!where.IsString()) {
    const Bytes path = call.bytesOf(where);
    if (!path.data || path.length > sizeof to->path) {
      return path.data ? -ENAMETOOLONG : -EINVAL;
    }
    std::memcpy(to->path, path.data, path.length);
    to->path_length = path.length;
    return 0;
  }
  // No numeric address is longer: what is cut is none.
  napi_get_value_string_utf8(call.env(), where, to->address.host, sizeof to->address.host, nullptr);
  to->address.port = call.integerOf<uint16_t>(receivers.Get(2 * index + 1));
  return 0;
}

Napi::Value SendMessages(const Napi::CallbackInfo &info) {
  const Call call(info);
  bp_socket *socket = call.socket(0);
  const Bytes bytes = call.bytes(1);
  const Bytes fields = call.bytes(2);
  const auto count = call.integer<size_t>(3);
  const Napi::Array receivers = call.array(4);
  bp_outgoing messages[BP_MAX_MESSAGES];
  bp_endpoint endpoints[BP_MAX_MESSAGES];
  const uint32_t known = receivers.Length() / 2;
  if (!socket || count > BP_MAX_MESSAGES || known > BP_MAX_MESSAGES ||
      count * outgoingFields > fields.length) {
    return call.result(-EBADF);
  }
  for (uint32_t i = 0; i < known; i++) {
    if (const int error = readReceiver(call, receivers, i, &endpoints[i])) {
      return call.result(error);
    }
  }
  const auto *in = reinterpret_cast<const double *>(fields.data);
  double start = 0;
  for (size_t i = 0; i < count; i++, in += outgoingFields) {
    const Bytes each = Call::slice(bytes, start, start + in[0]);
    const bool isAddressed = in[1] >= 0 && in[1] < known;
    messages[i] = {each.data, each.length,
                   isAddressed ? &endpoints[static_cast<size_t>(in[1])] : nullptr};
    start += in[0];
  }
  return call.result(bp_socket_send(socket, messages, count));
}

} // namespace

void exportMessages(Napi::Env env, Napi::Object exports, Environment *environment) {
  exportFunction<OpenUdp>(env, exports, "openUdp", environment);
  exportFunction<SetUdp>(env, exports, "setUdp", environment);
  exportFunction<SetMembership>(env, exports, "setMembership", environment);
  exportFunction<SetMulticastInterface>(env, exports, "setMulticastInterface", environment);
  exportFunction<OpenLocalDatagram>(env, exports, "openLocalDatagram", environment);
  exportFunction<ListenLocalPackets>(env, exports, "listenLocalPackets", environment);
  exportFunction<ConnectLocalPackets>(env, exports, "connectLocalPackets", environment);
  exportFunction<ReceiveMessages>(env, exports, "receiveMessages", environment);
  exportFunction<SendMessages>(env, exports, "sendMessages", environment);
}

} // namespace bipoll

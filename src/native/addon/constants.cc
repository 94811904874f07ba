// The numbers that are written in TypeScript as well, under the names that they have there.
// test/core/constants.test.ts compares them.
#include "call.h"
#include "exports.h"
#include "limits.h"
#include "pump.h"

#include <initializer_list>

namespace bipoll {
namespace {

struct Constant {
  const char *name;
  double value;
};

void add(Napi::Object constants, const char *group, std::initializer_list<Constant> members) {
  Napi::Object object = Napi::Object::New(constants.Env());
  for (const Constant &member : members) {
    object.Set(member.name, Napi::Number::New(constants.Env(), member.value));
  }
  constants.Set(group, object);
}

} // namespace

void exportConstants(Napi::Env env, Napi::Object exports) {
  Napi::Object constants = Napi::Object::New(env);
  add(constants, "events",
      {
          {"connectionAvailable", BP_EVENT_CONNECTION_AVAILABLE},
          {"determined", BP_EVENT_DETERMINED},
          {"connectionSucceeded", BP_EVENT_CONNECTION_SUCCEEDED},
          {"connectionFailed", BP_EVENT_CONNECTION_FAILED},
          {"dataAvailable", BP_EVENT_DATA_AVAILABLE},
          {"readyToWrite", BP_EVENT_READY_TO_WRITE},
          {"remoteDisconnected", BP_EVENT_REMOTE_DISCONNECTED},
          {"readable", BP_EVENT_READABLE},
          {"writable", BP_EVENT_WRITABLE},
          {"hangup", BP_EVENT_HANGUP},
          {"expired", BP_EVENT_EXPIRED},
          {"exited", BP_EVENT_EXITED},
          {"signalled", BP_EVENT_SIGNALLED},
      });
  add(constants, "kinds",
      {
          {"tcpServer", BP_KIND_TCP_SERVER},
          {"localServer", BP_KIND_LOCAL_SERVER},
          {"tcp", BP_KIND_TCP_STREAM},
          {"local", BP_KIND_LOCAL_STREAM},
          {"descriptor", BP_KIND_DESCRIPTOR},
          {"udp", BP_KIND_UDP},
          {"localDatagram", BP_KIND_LOCAL_DATAGRAM},
          {"localPacketServer", BP_KIND_LOCAL_PACKET_SERVER},
          {"localPackets", BP_KIND_LOCAL_PACKET_STREAM},
          {"timer", BP_KIND_TIMER},
          {"child", BP_KIND_CHILD},
          {"signalSource", BP_KIND_SIGNAL_SOURCE},
      });
  add(constants, "udpSettings",
      {
          {"Broadcast", BP_UDP_BROADCAST},
          {"Ttl", BP_UDP_TTL},
          {"MulticastTtl", BP_UDP_MULTICAST_TTL},
          {"MulticastLoopback", BP_UDP_MULTICAST_LOOPBACK},
      });
  add(constants, "tcpSettings",
      {
          {"NoDelay", BP_TCP_NO_DELAY},
          {"KeepAlive", BP_TCP_KEEP_ALIVE},
          {"KeepAliveIdle", BP_TCP_KEEP_ALIVE_IDLE_S},
          {"KeepAliveInterval", BP_TCP_KEEP_ALIVE_INTERVAL_S},
          {"KeepAliveCount", BP_TCP_KEEP_ALIVE_COUNT},
          {"UserTimeout", BP_TCP_USER_TIMEOUT_MS},
          {"Linger", BP_TCP_LINGER_S},
          {"ReceiveBufferSize", BP_TCP_RECEIVE_BUFFER_BYTES},
          {"SendBufferSize", BP_TCP_SEND_BUFFER_BYTES},
          {"TypeOfService", BP_TCP_TYPE_OF_SERVICE},
      });
  add(constants, "demands",
      {
          {"Connections", BP_WANT_CONNECTIONS},
          {"Outcome", BP_WANT_OUTCOME},
          {"Bytes", BP_WANT_BYTES},
          {"PeerEnd", BP_WANT_PEER_END},
          {"Answers", BP_WANT_ANSWERS},
          {"Descriptors", BP_WANT_DESCRIPTORS},
      });
  add(constants, "recordKinds",
      {
          {"Connection", BP_RECORD_CONNECTION},
          {"Refusal", BP_RECORD_REFUSAL},
          {"Outcome", BP_RECORD_OUTCOME},
          {"Bytes", BP_RECORD_BYTES},
          {"End", BP_RECORD_END},
          {"PeerEnd", BP_RECORD_PEER_END},
          {"Sent", BP_RECORD_SENT},
          {"SendFailed", BP_RECORD_SEND_FAILED},
          {"Ended", BP_RECORD_ENDED},
          {"Descriptor", BP_RECORD_DESCRIPTOR},
      });
  add(constants, "failures", {{"STALE", BP_STALE}, {"END", BP_END}});
  add(constants, "limits",
      {
          {"MAX_DESCRIPTORS", BP_MAX_DESCRIPTORS},
          {"MAX_OCCURRENCES", maxOccurrences},
          {"MAX_RECORDS", maxRecords},
          {"RECORDS_PER_SOCKET", BP_RECORDS_PER_SOCKET},
          {"RECORD_FIELDS", recordFields},
          {"PIECE_FIELDS", pieceFields},
          {"MESSAGE_FIELDS", messageFields},
          {"OUTGOING_FIELDS", outgoingFields},
          {"MAX_MESSAGES", BP_MAX_MESSAGES},
          {"BYTES_PER_TURN", BP_BYTES_PER_TURN},
      });
  exports.Set("constants", constants);
}

} // namespace bipoll

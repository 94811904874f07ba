#include "engine.h"

unsigned bp_events_of(enum bp_kind kind) {
  switch (kind) {
  case BP_TCP_SERVER:
  case BP_LOCAL_SERVER:
    return BP_CONNECTION_AVAILABLE;
  case BP_TCP_STREAM:
  case BP_LOCAL_STREAM:
    return BP_DETERMINED | BP_CONNECTION_SUCCEEDED | BP_CONNECTION_FAILED | BP_DATA_AVAILABLE |
           BP_READY_TO_WRITE | BP_REMOTE_DISCONNECTED;
  case BP_DESCRIPTOR:
    return BP_READABLE | BP_WRITABLE | BP_HANGUP;
  }
  return 0;
}

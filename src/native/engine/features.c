#include "engine.h"
#include "net.h"

unsigned bp_features(void) {
  unsigned features = 0;
#ifndef _WIN32
  features |= BP_DESCRIPTOR_PASSING | BP_PEER_CREDENTIALS | BP_LOCAL_HALF_CLOSE;
#endif
#ifdef __linux__
  features |= BP_ABSTRACT_NAMES;
#endif
#ifdef TCP_USER_TIMEOUT
  features |= BP_USER_TIMEOUT;
#endif
  return features;
}

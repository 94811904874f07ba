#include "engine.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

unsigned bp_features(void) {
  unsigned features = BP_DESCRIPTOR_PASSING | BP_PEER_CREDENTIALS;
#ifdef __linux__
  features |= BP_ABSTRACT_NAMES;
#endif
#ifdef TCP_USER_TIMEOUT
  features |= BP_USER_TIMEOUT;
#endif
  return features;
}

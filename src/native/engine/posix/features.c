#include "engine.h"
#include "exit_descriptor.h"
#include "net.h"

unsigned bp_features(void) {
  unsigned features = BP_FEATURE_DESCRIPTOR_PASSING | BP_FEATURE_PEER_CREDENTIALS |
                      BP_FEATURE_LOCAL_HALF_CLOSE | BP_FEATURE_LOCAL_DATAGRAMS |
                      BP_FEATURE_TCP_LINGER | BP_FEATURE_TYPE_OF_SERVICE;
  if (bp_exit_descriptor_exists()) {
    features |= BP_FEATURE_CHILDREN;
  }
#ifndef __APPLE__
  features |= BP_FEATURE_LOCAL_PACKETS;
#endif
#ifdef SO_RXQ_OVFL
  features |= BP_FEATURE_DROP_COUNTS;
#endif
#ifdef __linux__
  features |= BP_FEATURE_ABSTRACT_NAMES;
#endif
#if defined(SO_BINDTODEVICE) || defined(IP_BOUND_IF)
  features |= BP_FEATURE_TCP_INTERFACE;
#endif
#ifdef TCP_USER_TIMEOUT
  features |= BP_FEATURE_USER_TIMEOUT;
#endif
  return features;
}

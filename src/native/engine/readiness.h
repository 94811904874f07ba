/* What can be watched for, and what a system reports. */
#ifndef BIPOLL_READINESS_H
#define BIPOLL_READINESS_H

enum bp_readiness {
  BP_READINESS_READ = 1 << 0,
  BP_READINESS_WRITE = 1 << 1,
  BP_READINESS_PEER_CLOSED = 1 << 2, /* the peer will send nothing more; data may still be unread */
  BP_READINESS_HUNG_UP = 1 << 3, /* both directions are over; reported without being asked for */
  BP_READINESS_ERROR = 1 << 4,   /* likewise */
};

/* Reduces what a system reported to what was asked for: it tells more where it cannot leave out
 * what nobody asked for. */
static inline unsigned bp_readiness_reported(unsigned readiness, unsigned interest) {
  const unsigned asked = interest | (interest & BP_READINESS_READ ? BP_READINESS_PEER_CLOSED : 0U);
  return readiness & (asked | BP_READINESS_HUNG_UP | BP_READINESS_ERROR);
}

#endif

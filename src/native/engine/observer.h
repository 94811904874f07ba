/*
 * Observers of a socket: the watches of pollers and the outboxes of pumps. A socket knows them by
 * this list alone, so calls go one way: pollers and pumps call sockets.
 */
#ifndef BIPOLL_OBSERVER_H
#define BIPOLL_OBSERVER_H

struct bp_socket;
struct bp_observer;

struct bp_observer_ops {
  /* The state of the socket changed (state.h): what must be watched for may be different now.
   * Called within the call that found it out, such as a read. */
  void (*changed)(struct bp_observer *observer);
  /* The socket is about to be closed. The descriptor is still open; the observer removes itself. */
  void (*closing)(struct bp_observer *observer);
  /* Gives back to the socket (state.h) what was received for it and told to nobody. NULL: nothing
   * is ever received before it can be told. */
  void (*recall)(struct bp_observer *observer);
};

struct bp_observer { /* a member of who observes */
  const struct bp_observer_ops *ops;
  struct bp_observer *next; /* of the same socket */
};

void bp_socket_observe(struct bp_socket *socket, struct bp_observer *observer);
void bp_socket_unobserve(struct bp_socket *socket, struct bp_observer *observer);

/* Call before the socket is freed: afterwards it has no observers. */
void bp_socket_leave_observers(struct bp_socket *socket);

#endif

#include "observer.h"

#include "socket.h"

void bp_socket_observe(struct bp_socket *socket, struct bp_observer *observer) {
  observer->next = socket->observers;
  socket->observers = observer;
}

void bp_socket_unobserve(struct bp_socket *socket, struct bp_observer *observer) {
  struct bp_observer **link = &socket->observers;
  while (*link && *link != observer) {
    link = &(*link)->next;
  }
  if (*link) {
    *link = observer->next;
  }
}

void bp_socket_leave_observers(struct bp_socket *socket) {
  while (socket->observers) {
    socket->observers->ops->closing(socket->observers);
  }
}

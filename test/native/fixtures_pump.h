/* A pump on a backend, its last batch, and what tests ask of both. */
#ifndef BIPOLL_FIXTURES_PUMP_H
#define BIPOLL_FIXTURES_PUMP_H

#include "pump.h"

#define RECORDS 256
#define ROOM (1 << 20)

/* The last batch. */
extern struct bp_record records[RECORDS];
extern uint8_t bytes[ROOM];

void pump_open_on(const char *backend);
void pump_close(void);

void want(struct bp_socket *socket, unsigned demand, uint64_t tag);
/* Sends so many bytes of the running pattern, offset bytes into it. */
void send_pattern(struct bp_socket *socket, size_t offset, size_t length, uint64_t tag);
void send_text(struct bp_socket *socket, const char *text, uint64_t tag);
int64_t send_at_once(struct bp_socket *socket, const void *sent, size_t length, uint64_t tag);
int64_t send_with_descriptors(struct bp_socket *socket, const void *sent, size_t length,
                              const int *fds, size_t count, uint64_t tag);
void end_sending(struct bp_socket *socket, uint64_t tag);

int drain_into(size_t record_capacity, size_t byte_capacity);
int drain(void);
/* Drains until there is something. */
int drain_some(void);
/* Drains as a loop does: once it is told that there is something. */
int drain_when_called(void);
int flush_out(void);

void check_record(int index, uint64_t tag, enum bp_record_kind kind, int64_t value);
/* Nothing more is told. */
void check_quiet(void);

#endif

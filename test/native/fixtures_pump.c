#include "fixtures_pump.h"

#include "check.h"
#include "fixtures.h"
#include "pump_list.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_TIMEOUT_MS 50

static struct bp_pump *pump;
struct bp_record records[RECORDS];
uint8_t bytes[ROOM];

static bool is_of_a_pump(const char *name) {
  const struct bp_pump_ops *const *each = bp_pump_list;
  while (*each && strcmp((*each)->name, name) != 0) {
    each++;
  }
  return *each != NULL;
}

void pump_open_on(const char *backend) {
  const int error = bp_pump_open(backend, &pump);
  if (error && is_of_a_pump(backend)) {
    check_skip("this kernel has no such pump, or forbids it");
  }
  CHECK_OK(error);
  CHECK_TEXT(pump->ops->backend(pump), backend);
}

void pump_close(void) {
  pump->ops->close(pump);
}

void want(struct bp_socket *socket, unsigned demand, uint64_t tag) {
  CHECK_OK(pump->ops->want(pump, socket, demand, tag));
}

void send_pattern(struct bp_socket *socket, size_t offset, size_t length, uint64_t tag) {
  uint8_t *sent = malloc(length);
  CHECK(sent != NULL);
  put_pattern(sent, offset, length);
  CHECK_OK(pump->ops->send(pump, socket, sent, length, tag));
  memset(sent, 0xFF, length); /* the pump has a copy */
  free(sent);
}

void send_text(struct bp_socket *socket, const char *text, uint64_t tag) {
  CHECK_OK(pump->ops->send(pump, socket, text, strlen(text), tag));
}

int64_t send_at_once(struct bp_socket *socket, const void *sent, size_t length, uint64_t tag) {
  return pump->ops->send_at_once(pump, socket, sent, length, tag);
}

int64_t send_with_descriptors(struct bp_socket *socket, const void *sent, size_t length,
                              const int *fds, size_t count, uint64_t tag) {
  return pump->ops->send_descriptors(pump, socket, sent, length, fds, count, tag);
}

void end_sending(struct bp_socket *socket, uint64_t tag) {
  CHECK_OK(pump->ops->end(pump, socket, ANSWER_TIMEOUT_MS, tag));
}

int drain_into(size_t record_capacity, size_t byte_capacity) {
  const struct bp_batch batch = {records, record_capacity, bytes, byte_capacity};
  const int count = pump->ops->drain(pump, &batch);
  CHECK_AT_LEAST(count, 0);
  return count;
}

int drain(void) {
  return drain_into(RECORDS, ROOM);
}

int drain_some(void) {
  const struct stopwatch watch = stopwatch_start();
  for (;;) {
    const int count = drain();
    if (count > 0) {
      return count;
    }
    CHECK_AT_MOST(stopwatch_ms(&watch), PATIENCE_MS);
    pause_ms(1);
  }
}

int drain_when_called(void) {
  pump->ops->park(pump);
  return drain();
}

int flush_out(void) {
  const struct bp_batch batch = {records, RECORDS, bytes, ROOM};
  return pump->ops->flush(pump, &batch);
}

void check_record(int index, uint64_t tag, enum bp_record_kind kind, int64_t value) {
  CHECK_INT(records[index].tag, tag);
  CHECK_INT(records[index].kind, kind);
  CHECK_INT(records[index].value, value);
}

void check_quiet(void) {
  pause_ms(5);
  CHECK_INT(drain(), 0);
}

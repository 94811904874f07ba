/*
 * Lets calls of the C library fail that the addon makes, and nobody else in the process.
 *
 * The program under test says which by its environment, as setting a variable of that ends here:
 *
 *   BIPOLL_FAULT=NAME HOW SKIP COUNT
 *
 * Of the calls of that name from now on, SKIP succeed, and then COUNT have the fault; or, if COUNT
 * is such as `150ms`, all of that time since the first. HOW is an errno; `short`, and one byte is
 * transferred; or `late`, and the call is made some milliseconds later. An empty name is no call.
 *
 *   BIPOLL_FAULTS_MADE   how many calls have had the fault, to be read
 *   BIPOLL_CALLS_MADE    how often the addon has made each call since, as `recv 3,send 2`
 *
 * To fail another function, name it in calls.h, and wrap it as the others are.
 */
#include "faults.h"

#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ADDON "bipoll.node"
#define DELAY_US 20000
#define NS_PER_MS INT64_C(1000000)

#define CALL_NAME(constant, name) [constant] = name,
static const char *const names[CALL_COUNT] = {CALLS(CALL_NAME)};

/* ---- What is to fail ---- */

enum how { BY_ERROR, BY_SHORT_COUNT, BY_DELAY };

static atomic_int armed = NO_CALL;
static atomic_int how, error;
static atomic_int to_skip, to_fail, made;
static atomic_llong lasts_ns; /* 0: to_fail tells */
static atomic_llong ends_ns;  /* 0: the first fault is still to come */
static atomic_int calls_made[CALL_COUNT];
static atomic_uintptr_t addon_start, addon_end;
static _Thread_local bool is_armer;

static int find_addon(struct dl_phdr_info *info, size_t size, void *unused) {
  const size_t length = strlen(info->dlpi_name);
  (void)size, (void)unused;
  if (length < sizeof ADDON - 1 ||
      strcmp(info->dlpi_name + length - (sizeof ADDON - 1), ADDON) != 0) {
    return 0;
  }
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
    if (segment->p_type == PT_LOAD && segment->p_flags & PF_X) {
      addon_start = info->dlpi_addr + segment->p_vaddr;
      addon_end = addon_start + segment->p_memsz;
    }
  }
  return 1;
}

static enum call call_of(const char *name) {
  for (int call = 0; call < CALL_COUNT; call++) {
    if (strcmp(names[call], name) == 0) {
      return (enum call)call;
    }
  }
  return NO_CALL;
}

static enum how how_of(const char *word) {
  return strcmp(word, "short") == 0  ? BY_SHORT_COUNT
         : strcmp(word, "late") == 0 ? BY_DELAY
                                     : BY_ERROR;
}

static void arm(const char *fault) {
  char name[32] = "";
  char kind[16] = "";
  char unit[4] = "";
  int skip = 0;
  int count = 0;
  armed = NO_CALL;
  made = 0;
  for (int call = 0; call < CALL_COUNT; call++) {
    calls_made[call] = 0;
  }
  dl_iterate_phdr(find_addon, NULL);
  if (sscanf(fault, "%31s %15s %d %d%3s", name, kind, &skip, &count, unit) < 4) {
    return;
  }
  is_armer = true;
  how = how_of(kind);
  error = atoi(kind);
  to_skip = skip;
  to_fail = unit[0] ? INT_MAX : count;
  lasts_ns = unit[0] ? count * NS_PER_MS : 0;
  ends_ns = 0;
  armed = call_of(name);
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

/* Whether a fault that lasts is over. */
static bool has_passed(void) {
  if (lasts_ns == 0) {
    return false;
  }
  long long unset = 0;
  const int64_t now = now_ns();
  atomic_compare_exchange_strong(&ends_ns, &unset, now + lasts_ns);
  return now >= ends_ns;
}

bool bp_fault_is_armed(enum call call) {
  return armed == (int)call;
}

bool bp_is_in_addon(const void *place) {
  if (armed != NO_CALL && addon_end == 0) {
    dl_iterate_phdr(find_addon, NULL); /* it was loaded since */
  }
  return (uintptr_t)place >= addon_start && (uintptr_t)place < addon_end;
}

enum fault bp_fault_of(enum call call, const void *place) {
  if (!bp_is_in_addon(place)) {
    return NO_FAULT;
  }
  atomic_fetch_add(&calls_made[call], 1);
  if (armed != (int)call || atomic_fetch_sub(&to_skip, 1) > 0 ||
      atomic_fetch_sub(&to_fail, 1) <= 0 || has_passed()) {
    return NO_FAULT;
  }
  atomic_fetch_add(&made, 1);
  if (how == BY_DELAY) {
    (void)usleep(DELAY_US);
    return NO_FAULT;
  }
  errno = error;
  return how == BY_SHORT_COUNT ? SHORT_COUNT : FAILURE;
}

enum fault bp_fault_of_armer(enum call call, const void *place) {
  return is_armer ? bp_fault_of(call, place) : NO_FAULT;
}

/* ---- How it is told ---- */

WRAPPER int setenv(const char *name, const char *value, int overwrite) {
  if (strcmp(name, "BIPOLL_FAULT") == 0) {
    arm(value);
  }
  return NEXT(setenv)(name, value, overwrite);
}

static char *list_calls(void) {
  static char list[CALL_COUNT * 32];
  size_t length = 0;
  list[0] = '\0';
  for (int call = 0; call < CALL_COUNT; call++) {
    if (calls_made[call]) {
      length += (size_t)snprintf(list + length, sizeof list - length, "%s%s %d", length ? "," : "",
                                 names[call], calls_made[call]);
    }
  }
  return list;
}

WRAPPER char *getenv(const char *name) {
  static char count[16];
  if (strcmp(name, "BIPOLL_FAULTS_MADE") == 0) {
    snprintf(count, sizeof count, "%d", made);
    return count;
  }
  return strcmp(name, "BIPOLL_CALLS_MADE") == 0 ? list_calls() : NEXT(getenv)(name);
}

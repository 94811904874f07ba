/* What can be asked of a descriptor from elsewhere that is no socket. */
#ifndef BIPOLL_RAW_DESCRIPTOR_H
#define BIPOLL_RAW_DESCRIPTOR_H

#define BP_RAW_DESCRIPTOR_EVENTS (BP_EVENT_READABLE | BP_EVENT_WRITABLE | BP_EVENT_HANGUP)

#endif

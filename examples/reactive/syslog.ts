// Receives what programs log, as a syslog daemon does (RFC 3164), over UDP or at a path such as /dev/log.
//
//   npx tsx examples/reactive/syslog.ts --port 5514
//   logger --udp --server 127.0.0.1 --port 5514 "hello"
import { map, type Observable, switchMap } from 'rxjs';
import type { Message } from 'bipoll';
import { bind } from 'bipoll/reactive';
import { readArguments, type Target } from '../arguments';

export interface LogEntry {
  /** From 0, the kernel, to 23. */
  facility: number;
  /** From 0, the system is unusable, to 7, for debugging. */
  severity: number;
  /** What stands behind the priority. */
  text: string;
}

/** Reads a message as `<priority>text`; one without a priority counts as a notice of a user. */
export function parseEntry({ bytes }: Message): LogEntry {
  const [, digits = '13', text = ''] = /^(?:<(\d{1,3})>)?([^]*)$/.exec(bytes.toString()) ?? [];
  const priority = Number(digits);
  return { facility: priority >> 3, severity: priority & 7, text: text.replace(/[\0\n]+$/, '') };
}

/** What comes to a port or a path, for as long as somebody is subscribed. */
export function logEntries(target: Target): Observable<LogEntry> {
  const messages$: Observable<Message> =
    'path' in target
      ? bind({ ...target, replaceStale: true }).pipe(switchMap((endpoint) => endpoint.messages$))
      : bind(target).pipe(switchMap((endpoint) => endpoint.messages$));
  return messages$.pipe(map(parseEntry));
}

function main(): void {
  const { target } = readArguments('syslog (--path PATH | [--host ADDRESS] --port PORT)');
  logEntries(target).subscribe(({ facility, severity, text }) => {
    console.log(`${facility}.${severity} ${text}`);
  });
}

if (require.main === module) main();

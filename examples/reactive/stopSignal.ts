import { fromEvent, merge } from 'rxjs';

/** Emits when the process is told to stop, by Ctrl-C or by whoever manages services. */
export const stopSignal$ = merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM'));

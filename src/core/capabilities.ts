import { backends, chooseBackend, type Backend } from './backend';
import { type LoopBackend, loopBackends, missingLoopBackends } from './loopBackend';
import { native } from './native';

/** What not every platform has. */
export interface Features {
  /** `connectLocal` and `listenLocal` take names that begin with NUL. */
  abstractNames: boolean;
  /** `watchChild` works. */
  children: boolean;
  /** `dropped` of a message tells of those before it that the system had no room for. */
  dropCounts: boolean;
  /** Descriptors pass: `sendDescriptors` and `receiveDescriptors` work, and `descriptors$` of connections. */
  descriptorPassing: boolean;
  /** TCP takes `interface`. */
  interface: boolean;
  /** TCP takes a `linger` of more than 0. */
  linger: boolean;
  /** `bindLocalDatagram` and `connectLocalDatagram` work. */
  localDatagrams: boolean;
  /** The peer of a local stream sees `shutdown`; without this, only `close`. */
  localHalfClose: boolean;
  /** `listenLocalPackets` and `connectLocalPackets` work. */
  localPackets: boolean;
  /** `peerCredentials` tells uid and gid. */
  peerCredentials: boolean;
  /** `watchSignals` works. */
  signals: boolean;
  /** TCP takes `typeOfService`. */
  typeOfService: boolean;
  /** TCP takes `userTimeout`. */
  userTimeout: boolean;
}

/** What this platform can do. */
export interface Capabilities {
  /** The backends that `new Poller({ backend })` takes, the best first. */
  backends: readonly Backend[];
  /** The one taken if none is named: the first, or that of the environment's `BIPOLL_BACKEND`. */
  backend: Backend;
  /** What `new EventLoop({ backend })` takes: the backends, then what is taken by name only, if it can be opened. */
  loopBackends: readonly LoopBackend[];
  /** Why an event loop cannot be opened with what is missing there, such as `'EPERM: seccomp ... forbids it'`. */
  missingLoopBackends: Readonly<Partial<Record<LoopBackend, string>>>;
  /** As `process.platform`. */
  platform: NodeJS.Platform;
  features: Features;
}

/**
 * What this platform can do, so that a program need not find out by trying.
 *
 * @example
 * if (capabilities().features.descriptorPassing) stream.sendDescriptors(bytes, [connection]);
 */
export function capabilities(): Capabilities {
  return {
    backends,
    backend: chooseBackend(undefined),
    loopBackends: loopBackends(),
    missingLoopBackends: missingLoopBackends(),
    platform: process.platform,
    features: native.features(),
  };
}

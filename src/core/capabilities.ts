import { backends, chooseBackend, type Backend } from './backend';

/** What this platform can do. */
export interface Capabilities {
  /** The backends that `new Poller({ backend })` takes, the best first. */
  backends: readonly Backend[];
  /** The one taken if none is named: the first, or that of the environment's `BIPOLL_BACKEND`. */
  backend: Backend;
  /** As `process.platform`. */
  platform: NodeJS.Platform;
  features: {
    /** `connectLocal` and `listenLocal` take names that begin with NUL. */
    abstractNames: boolean;
    /** `sendDescriptors` and `receiveDescriptors` work. */
    descriptorPassing: boolean;
    /** `peerCredentials` tells uid and gid. */
    peerCredentials: boolean;
    /** `connectTcp` takes `userTimeout`. */
    userTimeout: boolean;
  };
}

/** Says what this platform can do, so that a program need not try. */
export function capabilities(): Capabilities {
  const isLinux = process.platform === 'linux';
  const isPosix = process.platform !== 'win32';
  return {
    backends,
    backend: chooseBackend(undefined),
    platform: process.platform,
    features: {
      abstractNames: isLinux,
      descriptorPassing: isPosix,
      peerCredentials: isPosix,
      userTimeout: isLinux,
    },
  };
}

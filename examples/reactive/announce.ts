import type { ListeningAddress } from 'bipoll/reactive';

/** Says where a server listens: after port 0, the port that it really got. */
export function announce(address: ListeningAddress): void {
  console.log(
    `listening on ${'path' in address ? address.path : `${address.host} ${address.port}`}`,
  );
}

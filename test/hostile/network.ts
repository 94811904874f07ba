import { execFileSync, spawnSync } from 'node:child_process';

/** Set within the network that {@link enterOwnNetwork} makes. */
const ENTERED = 'BIPOLL_HOSTILE_NETWORK';

/** Where a service is, and where the peers are whose packets get lost. */
export const SERVICE_ADDRESS = '192.0.2.1';
export const LOST_ADDRESS = '192.0.2.9';

const ip = (command: string): void => {
  execFileSync('ip', command.split(' '));
};

/** Whether a network of this process is its own, where peers can vanish. */
export const hasOwnNetwork = (): boolean => process.env[ENTERED] !== undefined;

/** Why there is none; null: there can be. */
export function whyNoOwnNetwork(): string | null {
  const { error, status } = spawnSync('unshare', ['--net', '--map-root-user', 'ip', 'link']);
  if (error) return 'unshare, of util-linux, is missing';
  return status === 0 ? null : 'no network namespaces here, or no ip of iproute2';
}

/** Runs this program again, in a network of its own. @returns its exit code */
export function enterOwnNetwork(): number {
  const again = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const { status } = spawnSync('unshare', ['--net', '--map-root-user', ...again], {
    stdio: 'inherit',
    env: { ...process.env, [ENTERED]: 'true' },
  });
  return status ?? 1;
}

/** Makes the addresses. What goes out by this link goes nowhere, and nobody is told. */
export function openNetwork(): void {
  ip('link set lo up');
  ip('link add lost type veth peer name nowhere');
  ip(`addr add ${SERVICE_ADDRESS}/24 dev lost`);
  ip('link set lost arp off up');
  ip('link set nowhere up');
}

/** Brings a peer's address to this machine: what is sent there arrives. */
export function reachLostAddress(): void {
  ip(`addr add ${LOST_ADDRESS}/24 dev lost`);
}

/** From now on what is sent there goes out by the link, and what is sent from there not at all. */
export function loseLostAddress(): void {
  ip(`addr del ${LOST_ADDRESS}/24 dev lost`);
}

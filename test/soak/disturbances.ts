import { join } from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import { Program } from '../hostile/Program';
import { Service } from '../hostile/Service';

/** For how long each of them goes on, in milliseconds. */
const ATTACK_MS = 3000;
const PEER_LIFE_MS = 2000;

/** Who attacks, in turn, and how many they are. */
const ATTACKERS = [
  ['churn', 4],
  ['mute', 20],
  ['drip', 50],
  ['oversized', 4],
] as const;

/** Clients that attack the service, one kind after the other, and are killed each time. */
export async function attack(path: string, isOver: () => boolean): Promise<void> {
  for (let i = 0; !isOver(); i++) {
    const [name, count] = ATTACKERS[i % ATTACKERS.length]!;
    const file = join(__dirname, '..', 'hostile', 'attackers', `${name}.cjs`);
    const attackers = new Program(file, [JSON.stringify({ path }), String(count)]);
    await attackers.nextLine();
    await pass(ATTACK_MS);
    await attackers.kill();
  }
}

/** A peer that is killed and started again. It leaves a stale socket file behind each time, which is replaced. */
export async function restartPeer(path: string, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const peer = await Service.start('observables', path, { backlog: 511, descriptors: null });
    await pass(PEER_LIFE_MS);
    await peer.program.kill();
  }
}

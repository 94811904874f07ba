import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { until } from '../support/until';
import type { Attack } from './attacks';
import { Client } from './Client';
import { Program } from './Program';
import { LOST_ADDRESS, loseLostAddress, reachLostAddress, SERVICE_ADDRESS } from './network';
import { Service, type Style } from './Service';

/** What became of a service that was attacked. */
export interface Trial {
  readonly attack: Attack;
  readonly style: Style;
  /** How long each answer took that the well-behaved client got meanwhile, in milliseconds, in order. */
  readonly latencies: readonly number[];
  /** By how much its memory grew at most, in MiB. */
  readonly growth: number;
  /** What broke a promise; empty: nothing did. */
  readonly broken: readonly string[];
}

/** An attack that does not end by itself lasts so long, and until so many requests are answered. */
const ATTACK_MS = 2500;
const MIN_ANSWERS = 5;
/** Buffers of the sockets are the system's; what grows here is what the service queues, and what V8 has not yet freed. */
const MAX_GROWTH_MIB = 128;
/** Before it is measured, it has compiled what it runs. */
const WARM_UP = 200;

const DEFAULT_BACKLOG = 511;

export async function tryAttack(attack: Attack, style: Style, path: string): Promise<Trial> {
  const { backlog = DEFAULT_BACKLOG, descriptors = null, vanishes = false } = attack;
  const address = attack.transport === 'TCP' ? 'TCP' : path;
  const service = await Service.start(style, address, { backlog, descriptors, vanishes });
  const client = new Client(service.target);
  const broken: string[] = [];
  let growth = 0;
  try {
    for (let i = 0; i < WARM_UP; i++) await client.ask();
    if (attack.visits) client.leave();
    client.latencies.length = 0;
    const before = { descriptors: service.descriptors, memory: service.memory };
    await askDuring(attack, service, client);
    growth = service.peakMemory - before.memory;
    if (growth > MAX_GROWTH_MIB) broken.push(`its memory grew by ${Math.round(growth)} MiB`);
    // Who was attacked serves newcomers afterwards, and has given back what the attackers had.
    await new Client(service.target).visit();
    await until(() => service.descriptors <= before.descriptors, 'giving back descriptors');
    if (client.latencies.length < MIN_ANSWERS) broken.push('too few requests were answered');
  } catch (error) {
    broken.push(String(error));
  } finally {
    client.leave();
    if (!service.program.isRunning) broken.push('it has ended');
    await service.program.kill();
  }
  return { attack, style, latencies: client.latencies.sort((a, b) => a - b), growth, broken };
}

/** Has the client ask as long as the attack lasts. */
async function askDuring(attack: Attack, { target }: Service, client: Client): Promise<void> {
  const file = join(__dirname, 'attackers', `${attack.attacker}.cjs`);
  const from = attack.vanishes ? { host: SERVICE_ADDRESS, localAddress: LOST_ADDRESS } : {};
  if (attack.vanishes) reachLostAddress();
  const attackers = new Program(file, [
    JSON.stringify({ ...target, ...from }),
    String(attack.count),
  ]);
  try {
    await attackers.nextLine();
    if (attack.stops) attackers.signal('SIGSTOP');
    if (attack.vanishes) loseLostAddress();
    const end = performance.now() + ATTACK_MS;
    const isUnderAttack = () =>
      attack.ends
        ? attackers.isRunning
        : performance.now() < end || client.latencies.length < MIN_ANSWERS;
    while (isUnderAttack()) {
      await (attack.visits ? client.visit() : client.ask());
      await turn(); // lets the harness hear that the attackers have ended
    }
  } finally {
    await attackers.kill();
  }
}

// The process in which scenarios are played, one after the other as the parent asks for them. It has preloaded
// library/faults.c.
import { readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './Fault';
import { type Outcome, verdictOf } from './outcome';
import type { Play, Played } from './Play';
import { nameOf, type Scenario, scenarios } from './scenarios';

/** Of calls that fail for so long a program makes one now and then, not as many as it can. */
const MOST_FAULTS_PER_MS = 2;
/** Milliseconds in which what was closed is gone. */
const CLOSING = 1000;

const byName = new Map(scenarios.map((scenario) => [nameOf(scenario), scenario]));

function arm(fault: Fault | null): void {
  process.env['BIPOLL_FAULT'] = fault ? textOf(fault) : '';
}

function textOf({ call, how, skip, count }: Fault): string {
  const errno = (constants.errno as Record<string, number>)[how];
  return [call, errno ?? how, skip, count].join(' ');
}

const faultsMade = () => Number(process.env['BIPOLL_FAULTS_MADE']);

function callsMade(): Record<string, number> {
  const list = process.env['BIPOLL_CALLS_MADE'] ?? '';
  const entries = list.split(',').filter(Boolean);
  return Object.fromEntries(
    entries.map((entry) => {
      const [name, count] = entry.split(' ');
      return [name!, Number(count)];
    }),
  );
}

const openDescriptors = () => readdirSync('/proc/self/fd').length;

/** How many more are open than before, once what was closed had time to go. */
async function leakedSince(before: number): Promise<number> {
  const until = performance.now() + CLOSING;
  while (openDescriptors() > before && performance.now() < until) await pause(1);
  return openDescriptors() - before;
}

/** Whether a fault that lasts was met far more often than whoever waits for its end needs to. */
function hasSpun(fault: Fault | null, faults: number): boolean {
  return typeof fault?.count === 'string' && faults > parseInt(fault.count) * MOST_FAULTS_PER_MS;
}

async function outcomeOf(
  scenario: Scenario,
  fault: Fault | null,
  patience: number,
): Promise<Played> {
  const before = openDescriptors();
  let verdict: Omit<Outcome, 'faults'> = { verdict: 'continued', detail: '' };
  arm(fault);
  try {
    await scenario.play(patience);
  } catch (error) {
    verdict = verdictOf(error);
  }
  const faults = faultsMade();
  const calls = callsMade();
  arm(null);
  const leaked = await leakedSince(before);
  if (verdict.verdict === 'continued' || verdict.verdict === 'error') {
    if (leaked > 0) verdict = { verdict: 'leak', detail: `${leaked} descriptors` };
    if (hasSpun(fault, faults)) verdict = { verdict: 'spin', detail: `${faults} calls` };
  }
  return { outcome: { ...verdict, faults }, calls };
}

process.on('message', ({ scenario, fault, patience }: Play) => {
  void outcomeOf(byName.get(scenario)!, fault, patience).then((played) => process.send!(played));
});
process.once('uncaughtException', (error) => {
  const outcome = { verdict: 'crash', detail: error.stack ?? error.message, faults: faultsMade() };
  process.send!({ outcome, calls: {} }, () => process.exit());
});

// A mixed load for as long as one likes, and whether anything grows, is lost or gets stuck:
//
//   npm run soak -- --minutes 15 --plot docs/soak.svg
//   npm run soak -- --json FILE                        as Jest counts its tests
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { machine } from '../hostile/report';
import { attack, restartPeer } from './disturbances';
import { plot } from './plot';
import type { Sample } from './Sample';
import { Subject } from './Subject';
import { mistakes, perMinute } from './verdict';

async function run(minutes: number): Promise<{ samples: Sample[]; last: Sample }> {
  const directory = mkdtempSync(join(tmpdir(), 'bipoll-soak-'));
  const [path, peer] = [join(directory, 'service.sock'), join(directory, 'peer.sock')];
  const subject = await Subject.start(path, peer);
  let isOver = false;
  const disturbing = [attack, restartPeer].map((each) =>
    each(each === attack ? path : peer, () => isOver),
  );
  try {
    const samples = await subject.samples(minutes * 60);
    isOver = true;
    await Promise.all(disturbing);
    return { samples, last: await subject.stop() };
  } finally {
    isOver = true;
    await Promise.allSettled(disturbing);
    await subject.kill();
    rmSync(directory, { recursive: true });
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '2' },
      plot: { type: 'string', default: 'build/soak.svg' },
      json: { type: 'string' },
    },
  });
  if (process.platform !== 'linux') {
    console.log('Skipped: what a process uses is read from /proc, as Linux has it.');
    return;
  }
  const { samples, last } = await run(Number(values.minutes));
  const title = `${values.minutes} minutes of a mixed load on ${machine()}`;
  writeFileSync(values.plot, plot(samples, title));
  const half = samples.slice(samples.length >> 1);
  console.log(
    `${title}\n${last.served} lines served, ${last.answers} answers over ${last.reconnects} connections, ` +
      `${last.workers} workers, ${last.wrong} wrong answers; in the second half the heap grew by ` +
      `${perMinute(half, 'heap')}, the memory by ${perMinute(half, 'rss')}; ${last.descriptors} descriptors at the end`,
  );
  const found = mistakes(samples, last);
  for (const mistake of found) console.log(`WRONG: ${mistake}`);
  const failed = found.length > 0 ? 1 : 0;
  const report = {
    numPassedTests: 1 - failed,
    numFailedTests: failed,
    numRuntimeErrorTestSuites: 0,
  };
  if (values.json) writeFileSync(values.json, JSON.stringify(report));
  process.exitCode = failed;
}

void main();

import { open, readFile } from 'node:fs/promises';
import { Subject } from 'rxjs';
import { collect, type Entry } from '../../../examples/reactive/log-collector';
import { freshFile } from '../../support/freshPath';
import { atRest } from '../../support/settled';
import { until } from '../../support/until';
import { isWine, testWhere } from '../../support/where';
import { ReadCount } from './ReadCount';
import { reset, Service, targets, untilEnd } from './Service';

describe.each(targets)('the log collector over $name', ({ target }) => {
  let service: Service<Entry>;
  afterEach(() => {
    service.stop();
  });

  const whereLinesStayWhole = testWhere(!isWine, 'Wine appends to a file in two steps');
  whereLinesStayWhole(
    'writes what many clients send at once, each in its order and every line whole',
    async () => {
      const path = freshFile();
      await using file = await open(path, 'a');
      service = new Service(target(), (connections$) =>
        collect(connections$, (line) => file.appendFile(line)),
      );
      for (let from = 0; from < 20; from++) {
        const client = await service.client();
        const records = Array.from({ length: 100 }, (_, n) => ({ from, n, text: 'ü'.repeat(200) }));
        client.end(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
      }
      await until(() => service.emitted.length === 2000, 'writing');
      await service.untilLeft();
      const entries = (await readFile(path, 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { record: { from: number; n: number; text: string } });
      for (let from = 0; from < 20; from++) {
        const ofClient = entries.filter(({ record }) => record.from === from);
        expect(ofClient.map(({ record }) => record.n)).toEqual(Array.from(Array(100).keys()));
        expect(ofClient.every(({ record }) => record.text === 'ü'.repeat(200))).toBe(true);
      }
    },
  );

  test('reads from a client no faster than the disk writes', async () => {
    using count = new ReadCount();
    const written = new Subject<void>();
    let pending = 0;
    service = new Service(target(), (connections$) =>
      collect(connections$, () => {
        pending++;
        return written;
      }),
    );
    const client = await service.client();
    const line = `${JSON.stringify('x'.repeat(1000))}\n`;
    for (let i = 0; i < 32; i++) client.write(line.repeat(1000));
    await until(() => pending === 1, 'writing');
    expect(await atRest(() => count.bytes)).toBeLessThan(1_000_000); // a few chunks
    expect(pending).toBe(1);
  });

  test('goes on after a client that sends no JSON, and one that vanishes', async () => {
    const lines: string[] = [];
    service = new Service(target(), (connections$) =>
      collect(connections$, (line) => [lines.push(line)]),
    );
    const noise = await service.client();
    noise.write('"fine"\nnoise\n"never seen"\n');
    await untilEnd(noise);
    const gone = await service.client();
    gone.write('"whole"\n"ha');
    await until(() => lines.length === 2, 'writing');
    reset(gone);
    await service.untilLeft();
    const other = await service.client();
    other.end('"last, and without its newline"');
    await service.untilLeft();
    await until(() => lines.length === 3, 'writing');
    expect(service.emitted.map(({ record }) => record)).toEqual([
      'fine',
      'whole',
      'last, and without its newline',
    ]);
    expect(service.ended).toBeUndefined();
  });
});

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { firstValueFrom, lastValueFrom, take, TimeoutError, toArray } from 'rxjs';
import { watchOver } from '../../../examples/reactive/watchdog';
import { notify } from '../../../examples/notify';
import { freshPath } from '../../support/freshPath';
import { PATIENCE } from '../../support/patience';
import { describeWhere, isSanitized, isWindows, testWhere } from '../../support/where';
import { whereInstalled } from '../../support/whereInstalled';

const TYPESCRIPT = createRequire(__filename).resolve('tsx/cli');
const SERVICE = join(__dirname, '../../../examples/notify.ts');

test('a service that nobody asks tells nobody', () => {
  expect(() => {
    notify('READY=1');
  }).not.toThrow();
});

describeWhere(!isWindows, 'Windows has no local datagrams')('a watchdog', () => {
  test('hears that the service is ready, and that it is alive', async () => {
    const states$ = watchOver(freshPath(), [process.execPath, TYPESCRIPT, SERVICE], PATIENCE);
    expect(await lastValueFrom(states$.pipe(take(2), toArray()))).toEqual([
      'READY=1',
      'WATCHDOG=1',
    ]);
  });

  test('hears so again and again, half of its patience apart', async () => {
    const states$ = watchOver(freshPath(), [process.execPath, TYPESCRIPT, SERVICE], PATIENCE / 20);
    const states = await lastValueFrom(states$.pipe(take(4), toArray()));
    expect(states.slice(1)).toEqual(Array(3).fill('WATCHDOG=1'));
  });

  test('gives up on a service that says nothing', async () => {
    const silent = [process.execPath, '-e', 'setInterval(() => {}, 1000)'] as const;
    await expect(lastValueFrom(watchOver(freshPath(), [...silent], 50))).rejects.toThrow(
      TimeoutError,
    );
  });

  test('ends with its service', async () => {
    const states$ = watchOver(freshPath(), [process.execPath, '-e', ''], PATIENCE);
    expect(await lastValueFrom(states$.pipe(toArray()))).toEqual([]);
  });
});

whereInstalled('systemd-notify')('systemd-notify', () => {
  testWhere(!isSanitized, 'the example hands its sanitizer on to a program that is not for it')(
    'is understood',
    async () => {
      const states$ = watchOver(freshPath(), ['systemd-notify', '--ready'], PATIENCE);
      expect(await firstValueFrom(states$)).toBe('READY=1');
    },
  );
});

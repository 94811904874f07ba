import { startAndWait } from '../../examples/notify-wait';
import { freshPath } from '../support/freshPath';
import { PATIENCE } from '../support/patience';
import { isSanitized, testWhere } from '../support/where';
import { whereInstalled } from '../support/whereInstalled';

whereInstalled('systemd-notify')('systemd-notify', () => {
  testWhere(!isSanitized, 'the example hands its sanitizer on to a program that is not for it')(
    'says that it is ready, and the caller waits for that',
    () => {
      const command = ['systemd-notify', '--status=starting', '--ready'] as const;
      const states = startAndWait(freshPath(), [...command], PATIENCE);
      expect(states).toContain('READY=1');
      expect(states).toContain('STATUS=starting');
    },
  );

  test('that does not come in time is an error', () => {
    expect(() => startAndWait(freshPath(), ['true'], 50)).toThrow('no message came within');
  });
});

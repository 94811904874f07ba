import { once } from 'node:events';
import { inspect } from 'bipoll/inspect';
import { untilSaid } from '../examples/peers';
import { startBipoll } from '../support/commandLine';
import { freshFile } from '../support/freshPath';
import { describeWhere, isWindows } from '../support/where';

describeWhere(!isWindows, 'Windows has no socket files')('bipoll watch', () => {
  test('serves the page of a service that is shown at a path, until it is stopped', async () => {
    const path = freshFile();
    using view = await inspect({ path });
    const child = startBipoll(['watch', view.url], { BIPOLL_INSPECT: view.url });
    const said = await untilSaid(child, /http:\S+ shows unix:\S+\n/, 'stderr');
    expect(said).toBe(`${/http:\S+/.exec(said)![0]} shows unix:${path}\n`);
    const response = await fetch(/http:\S+/.exec(said)![0]);
    expect(await response.text()).toMatch(/^<!doctype html>/);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
  });

  test('tells scripts the URL as JSON', async () => {
    const child = startBipoll(['watch', `unix:${freshFile()}`, '--json']);
    const line = await untilSaid(child, /\n/, 'stdout');
    expect(JSON.parse(line)).toEqual({
      event: 'watching',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/),
    });
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([143, null]);
  });
});

import { capabilities, listenTcp } from 'bipoll';
import { connect } from 'bipoll/sync';
import { openPorts } from '../../examples/port-scanner';
import { PATIENCE } from '../support/patience';

const host = '127.0.0.1';

describe.each(capabilities().backends)('the port scanner on %s', (backend) => {
  test('finds the open ones among 1,000 ports', () => {
    const servers = Array.from({ length: 5 }, () => listenTcp({ host, port: 0 }));
    const listening = servers.map(({ port }) => port);
    const others = Array.from({ length: 995 }, (_, i) => 20_000 + i);
    const ports = [...others, ...listening];
    const found = openPorts({ host, ports, timeout: PATIENCE, backend });
    expect(found).toEqual(expect.arrayContaining(listening));
    expect(found).toEqual([...found].sort((a, b) => a - b));
    // This machine may have servers of its own, and those answer others, too.
    for (const port of found) connect({ host, port }, { timeout: PATIENCE }).close();
    for (const server of servers) server.close();
    expect(openPorts({ host, ports, timeout: PATIENCE, backend })).not.toEqual(
      expect.arrayContaining(listening),
    );
  });

  test('gives up on all at its deadline', () => {
    // An address that is there for documentation: whatever the network says or does not say, none is open.
    const started = performance.now();
    const silent = { host: '192.0.2.1', ports: [1, 2, 3], timeout: 100, backend };
    expect(openPorts(silent)).toEqual([]);
    // The system itself goes on trying for minutes.
    expect(performance.now() - started).toBeLessThan(PATIENCE);
  });
});

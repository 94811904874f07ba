import { capabilities, listenTcp } from 'bipoll';
import { openPorts } from '../../examples/port-scanner';

test.each(capabilities().backends)('finds the open ones among 1,000 ports, on %s', (backend) => {
  const servers = Array.from({ length: 5 }, () => listenTcp({ port: 0 }));
  const listening = servers.map(({ port }) => port).sort((a, b) => a - b);
  const others = Array.from({ length: 995 }, (_, i) => 20_000 + i);
  const found = openPorts({
    host: '127.0.0.1',
    ports: [...new Set([...others, ...listening])],
    timeout: 5000,
    backend,
  });
  expect(found).toEqual(expect.arrayContaining(listening));
  expect(found.length).toBeLessThan(20);
  for (const server of servers) server.close();
});

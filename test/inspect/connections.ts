import { socketPair } from 'bipoll';
import { type Connection, fromSocket } from 'bipoll/reactive';
import { channels, publish } from '../../src/reactive/connection/channels';

/** Connections that a test makes, closed after each. */
const open: Connection[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.close();
});

/** Two connections of this process to each other. */
export function connectedPair(): [Connection, Connection] {
  const [left, right] = socketPair();
  const pair: [Connection, Connection] = [fromSocket(left), fromSocket(right)];
  open.push(...pair);
  return pair;
}

/** Publishes as if so many chunks of a byte had come. */
export function publishReads(connection: Connection, count: number): void {
  const chunk = Buffer.from('x');
  for (let i = 0; i < count; i++) publish(channels.read, { connection, bytes: 1, chunk });
}

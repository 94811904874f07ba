// Asks a name server for the addresses of a name, and waits for the answer.
//
//   npx tsx examples/dns-query.ts --host 127.0.0.1 --port 53 example.com
import { randomInt } from 'node:crypto';
import { connectUdp } from 'bipoll';
import { deadlineIn, receiveMessage, sendMessage } from 'bipoll/sync';
import { misused, readArguments } from './arguments';
import { decodeReply, encodeQuestion, RecordType } from './dns';

export interface NameServer {
  /** A numeric address. */
  host: string;
  port: number;
}

/** @returns none if there is no such name, or it has no address of IPv4. @throws TimeoutError it did not answer in time */
export function addressesOf(name: string, server: NameServer, timeout: number): string[] {
  const question = { id: randomInt(0x10000), name, type: RecordType.A };
  const limit = { deadline: deadlineIn(timeout) };
  using socket = connectUdp(server);
  sendMessage(socket, encodeQuestion(question), limit);
  let reply = decodeReply(receiveMessage(socket, limit).bytes);
  // Whoever guesses the port may send as well: only the server knows the number of the question.
  while (reply?.id !== question.id) reply = decodeReply(receiveMessage(socket, limit).bytes);
  return reply.records.filter(({ type }) => type === RecordType.A).map(({ value }) => value);
}

function main(): void {
  const usage = 'dns-query [--host ADDRESS] --port PORT NAME';
  const { target, rest } = readArguments(usage);
  const [name] = rest;
  if ('path' in target || name === undefined) misused(usage);
  console.log(addressesOf(name, target, 2000).join('\n'));
}

if (require.main === module) main();

// Mistakes that must not compile. The comment above each is part of what the compiler says of it: mistakes.test.ts.
import { adopt, bindUdp, listenTcp, openTimer, Poller, socketPair, watchSignals } from 'bipoll';
import { lines } from 'bipoll/framing';
import {
  type Connection,
  decode,
  listen,
  pacedMap,
  readiness,
  reconnect,
  serve,
} from 'bipoll/reactive';
import {
  poll,
  pollAll,
  readExactly,
  readLine,
  readSome,
  receiveMessage,
  writeAll,
} from 'bipoll/sync';

declare const connection: Connection;
const server = listenTcp({ port: 0 });
const [stream] = socketPair();
const udp = bindUdp();
const stdin = adopt(0, 'descriptor');

// says: Argument of type '"dataAvailable"' is not assignable to parameter of type '"connectionAvailable"'
poll(server, 'dataAvailable', 0);
// says: Argument of type '"readable"' is not assignable to parameter of type 'StreamEvent'
poll(stream, 'readable', 0);
// says: Argument of type '"dataAvailable"' is not assignable to parameter of type 'DescriptorEvent'
poll(stdin, 'dataAvailable', 0);
// says: Type '"readyToWrite"' is not assignable to type
pollAll([[stdin, 'readyToWrite']], 0);
// says: Argument of type 'TcpServer' is not assignable to parameter of type 'ByteStream'
readLine(server, { timeout: 0 });
// says: Argument of type 'UdpSocket' is not assignable to parameter of type 'ByteStream'
writeAll(udp, 'x', { timeout: 0 });
// says: Type '"connectionAvailable"' is not assignable to type
pollAll([[stream, 'connectionAvailable']], 0);
// says: Argument of type '"accept"' is not assignable to parameter of type
new Poller().monitor(server, 'accept');
// says: Argument of type '"connectionAvailable"' is not assignable to parameter of type
readiness(stream, 'connectionAvailable');
// says: Expected 2 arguments, but got 1
readSome(stream);
// says: 'timout' does not exist in type
readExactly(stream, 5, { timout: 5 });
// says: 'hightWaterMark' does not exist in type
listen({ port: 0 }, { hightWaterMark: 5 });
// says: 'max' does not exist in type
reconnect({ max: 5 });
// says: Type 'void' is not assignable to type 'ObservableInput<
serve(() => connection.end());
// says: Argument of type 'number' is not assignable to parameter of type
connection.write(5);
// says: Property 'subscribe' does not exist on type 'Connection'
connection.subscribe();
// says: Argument of type 'OperatorFunction<Uint8Array<ArrayBufferLike>, string>' is not assignable
connection.closed$.pipe(decode(lines()));
// says: is not assignable to type 'ObservableInput<
connection.data$.pipe(pacedMap((chunk) => chunk.length));
// says: Argument of type '"remoteDisconnected"' is not assignable to parameter of type 'DatagramEvent'
poll(udp, 'remoteDisconnected', 0);
// says: Argument of type '"readable"' is not assignable to parameter of type 'TimerEvent'
poll(openTimer({ delay: 0 }), 'readable', 0);
// says: Type '"SIGKILL"' is not assignable to type 'WatchableSignal'
watchSignals(['SIGKILL']);
// says: No overload matches this call
receiveMessage(stream, { timeout: 0 });
// says: 'path' does not exist in type
udp.send(Buffer.alloc(1), { path: 'x' });

import { adopt, LocalStream, StreamSocket } from 'bipoll';
import { poll } from 'bipoll/sync';
import { PATIENCE } from '../../support/patience';
import type { End } from '../End';
import { expectThat } from '../Expected';
import { patternFor } from '../pattern';
import { choose, type StepKind } from '../Step';
import { expectBytes, socketOf } from './bytes';

/** Whether its descriptor can be given away: no verb holds bytes of it. */
const isFree = (end: End) => end.isWhole && !end.mayHoldUnread;

/** Whether nothing is on its way to the peer, so that a message comes alone. */
const isCarrier = (end: End) =>
  end.isLocal && end.isWhole && end.peer?.available === 0 && !end.peer.mayHoldUnread;

function localSocketOf(end: End): LocalStream {
  const { socket } = end;
  expectThat(socket instanceof LocalStream, 'a local end has another socket');
  return socket;
}

const pass: StepKind<{ carrier: End; passenger: End }> = {
  name: 'pass',
  find({ ends }, choice) {
    const carrier = choose(ends.filter(isCarrier), choice);
    const others = ends.filter((end) => end !== carrier && end !== carrier?.peer && isFree(end));
    const passenger = choose(others, choice >> 4);
    return carrier && passenger && { carrier, passenger };
  },
  run(world, { carrier, passenger }, detail) {
    const receiver = carrier.peer!;
    const message = patternFor(receiver.number, receiver.written, 1 + (detail % 64));
    const sent = localSocketOf(carrier).sendDescriptors(message, [socketOf(passenger)]);
    expectThat(sent === message.length, `${carrier.number} sends ${sent} bytes with a descriptor`);
    receiver.onPeerWrote(sent);
    socketOf(passenger).close();
    poll(socketOf(receiver), 'dataAvailable', PATIENCE);
    const buffer = Buffer.alloc(64);
    const got = localSocketOf(receiver).receiveDescriptors(buffer);
    const [socket, ...more] = got.sockets;
    expectThat(
      got.bytes === sent && more.length === 0,
      'a message with a descriptor came otherwise',
    );
    expectBytes(receiver, buffer.subarray(0, sent));
    receiver.onRead(sent);
    expectThat(socket instanceof StreamSocket, 'a stream comes as something else');
    expectThat(
      socket instanceof LocalStream === passenger.isLocal,
      'a stream comes as another kind',
    );
    world.replaceSocket(passenger, socket);
  },
};

const readopt: StepKind<End> = {
  name: 'readopt',
  find: ({ ends }, choice) => choose(ends.filter(isFree), choice),
  run(world, end) {
    world.replaceSocket(end, adopt(socketOf(end).detach(), end.isLocal ? 'local' : 'tcp'));
  },
};

/** Descriptors go from one socket to another. */
export const passing = [pass, readopt] as const;

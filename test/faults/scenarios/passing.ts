import { LocalStream, socketPair } from 'bipoll';
import { poll, readExactly, writeAll } from 'bipoll/sync';
import { Broken } from '../outcome';
import { checkWhole, pattern } from './bytes';
import { Closing } from './Closing';
import type { Scenario } from './Scenario';

const SENT = pattern(100);

function play(patience: number): void {
  using closing = new Closing();
  const pair = () => {
    const both = socketPair();
    both.forEach((socket) => closing.add(socket));
    return both;
  };
  const [sender, receiver] = pair();
  const [passed, kept] = pair();
  const until = performance.now() + patience;
  while (sender.sendDescriptors(Buffer.from('x'), [passed]) === 0) {
    if (!poll(sender, 'readyToWrite', until - performance.now())) {
      throw new Broken('hang', 'nothing can be sent');
    }
  }
  const received = closing.add(receive(receiver, patience));
  writeAll(received, SENT, { timeout: patience });
  checkWhole(readExactly(kept, SENT.length, { timeout: patience }), SENT);
}

function receive(socket: LocalStream, patience: number): LocalStream {
  for (;;) {
    if (!poll(socket, 'dataAvailable', patience)) throw new Broken('hang', 'nothing arrives');
    const { bytes, sockets } = socket.receiveDescriptors(Buffer.alloc(10));
    const [received] = sockets;
    if (bytes === 0) continue;
    if (received instanceof LocalStream) return received;
    sockets.forEach((each) => {
      each.close();
    });
    throw new Broken('wrong bytes', `${String(bytes)} bytes without their socket`);
  }
}

export const passing: readonly Scenario[] = [{ family: 'descriptor passing', variant: '', play }];

import type { Subscription } from 'rxjs';
import {
  bindLocalDatagram,
  bindUdp,
  connectLocalDatagram,
  connectLocalPackets,
  connectUdp,
  listenLocalPackets,
  type Message,
} from 'bipoll';
import { fromMessageSocket, pacedMap } from 'bipoll/reactive';
import { accept, poll, receiveMessage, sendMessage } from 'bipoll/sync';
import type { AnyMessageSocket } from '../../support/messageTransports';
import { Broken } from '../outcome';
import { checkWhole, pattern } from './bytes';
import { Closing } from './Closing';
import { type Loop, loops } from './loops';
import { within } from './peers';
import type { Scenario } from './Scenario';
import { freshFile } from './targets';

type Pair = [client: AnyMessageSocket, server: AnyMessageSocket];

interface Carrier {
  readonly name: string;
  readonly open: (closing: Closing, patience: number) => Pair;
}

const carriers: readonly Carrier[] = [
  {
    name: 'UDP',
    open(closing) {
      const server = closing.add(bindUdp());
      return [closing.add(connectUdp({ host: '127.0.0.1', port: server.localPort! })), server];
    },
  },
  {
    name: 'local datagrams',
    open(closing) {
      const server = closing.add(bindLocalDatagram({ path: freshFile() }));
      const own = { path: server.path, localPath: freshFile() };
      return [closing.add(connectLocalDatagram(own)), server];
    },
  },
  {
    name: 'local packets',
    open(closing, patience) {
      using server = listenLocalPackets({ path: freshFile() });
      const client = closing.add(connectLocalPackets({ path: server.path }));
      return [client, closing.add(accept(server, { timeout: patience }))];
    },
  },
];

const SENT = [pattern(10), pattern(0), pattern(5_000), pattern(300)];

/** A message that is cut says so, and a program can act upon that. */
function checkMessage({ bytes, truncated }: Message, sent: Buffer): void {
  if (truncated) throw Object.assign(new Error('The message is cut'), { code: 'EMSGSIZE' });
  checkWhole(bytes, sent);
}

function playBlocking({ open }: Carrier, patience: number): void {
  using closing = new Closing();
  const [client, server] = open(closing, patience);
  const limit = { timeout: patience };
  for (const bytes of SENT) {
    sendMessage(client as never, bytes, limit);
    const message: Message = receiveMessage(server as never, limit);
    checkMessage(message, bytes);
    const to = message.from === null ? {} : { to: message.from };
    sendMessage(server as never, bytes, { ...limit, ...to } as never);
    checkMessage(receiveMessage(client as never, limit), bytes);
  }
}

function playMany({ open }: Carrier, patience: number): void {
  using closing = new Closing();
  const [client, server] = open(closing, patience);
  const received: Message[] = [];
  for (let sent = 0; received.length < SENT.length;) {
    sent += client.sendMany(SENT.slice(sent).map((bytes) => ({ bytes })));
    // What is not sent yet is the next to be sent, so nothing need have come.
    if (!poll(server, 'dataAvailable', sent > received.length ? patience : 1)) {
      if (sent > received.length) throw new Broken('hang', 'nothing arrives');
    }
    received.push(...(server.receiveMany() as Message[]));
  }
  for (const [index, bytes] of SENT.entries()) checkMessage(received[index]!, bytes);
}

async function playReactive({ open }: Carrier, loop: Loop, patience: number): Promise<void> {
  using closing = new Closing();
  using opened = loop.open();
  const [client, server] = open(closing, patience);
  const there = fromMessageSocket(server, { loop: opened });
  const here = fromMessageSocket(client, { loop: opened });
  const send = there.send as (bytes: Uint8Array, to: unknown) => ReturnType<typeof there.send>;
  const subscriptions: Subscription[] = [];
  const outcome = new Promise<Message[]>((resolve, reject) => {
    const echo$ = there.messages$.pipe(
      pacedMap(({ bytes, from }: Message) => send(bytes, from ?? undefined), { concurrency: 4 }),
    );
    const answers: Message[] = [];
    const next = (message: Message) => {
      answers.push(message);
      if (answers.length === SENT.length) resolve(answers);
    };
    subscriptions.push(
      echo$.subscribe({ error: reject }),
      here.messages$.subscribe({ next, error: reject }),
      ...SENT.map((bytes) => here.send(bytes).subscribe({ error: reject })),
    );
  });
  const what = 'a message gets neither its answer nor an error';
  const answers = await within(patience, what, outcome).finally(() => {
    for (const each of subscriptions) each.unsubscribe();
  });
  for (const [index, bytes] of SENT.entries()) checkMessage(answers[index]!, bytes);
}

export const messages: readonly Scenario[] = carriers.flatMap((carrier) => [
  {
    family: 'messages',
    variant: `${carrier.name}, blocking`,
    play: (patience: number) => {
      playBlocking(carrier, patience);
    },
  },
  {
    family: 'messages',
    variant: `${carrier.name}, many in one call`,
    play: (patience: number) => {
      playMany(carrier, patience);
    },
  },
  ...loops.map((loop) => ({
    family: 'messages',
    variant: `${carrier.name}, ${loop.name}`,
    play: (patience: number) => playReactive(carrier, loop, patience),
  })),
]);

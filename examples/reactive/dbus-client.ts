// A client of D-Bus that passes descriptors. One process serves files, another has one read by it:
//
//   npx tsx examples/reactive/dbus-client.ts --path /run/user/1000/bus serve
//   npx tsx examples/reactive/dbus-client.ts --path /run/user/1000/bus read /etc/hostname
//
// What is passed is the open file: whoever reads it needs no permission of its own.
import { openSync } from 'node:fs';
import { lastValueFrom, map, toArray } from 'rxjs';
import { adopt, Descriptor, Socket, type StreamSocket } from 'bipoll';
import { type Connection, decode, fromDescriptor, fromSocket } from 'bipoll/reactive';
import { connect, type BlockingOptions, deadlineIn, readLine, writeAll } from 'bipoll/sync';
import { readArguments } from '../arguments';
import { encodeMessage, type Fields, type Message, messages, MessageType } from './dbus-messages';
import { type Value, ValueReader } from './dbus-values';
import { stopSignal$ } from './stopSignal';

const BUS = { destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus' };
const FILES = 'io.bipoll.Files';

/** What a client answers to a call: values of a signature. Descriptors that came with the call are the handler's. */
export interface Answer {
  signature: string;
  values: Value[];
}
export type CallHandler = (call: Message, values: Value[]) => Promise<Answer>;

/** An error that the other side answered, or is to be answered. */
export class DBusError extends Error {
  override readonly name = 'DBusError';
  constructor(
    readonly errorName: string,
    message: string,
  ) {
    super(message);
  }
}

/** The handshake is text, and in the blocking style a few lines. */
function authenticate(socket: StreamSocket, limit: BlockingOptions): void {
  const uid = Buffer.from(String(process.getuid?.())).toString('hex');
  for (const [command, answer] of [
    [`\0AUTH EXTERNAL ${uid}`, 'OK '],
    ['NEGOTIATE_UNIX_FD', 'AGREE_UNIX_FD'],
  ] as const) {
    writeAll(socket, `${command}\r\n`, limit);
    const line = readLine(socket, limit);
    if (!line?.startsWith(answer)) throw new DBusError('io.bipoll.Refused', String(line));
  }
  writeAll(socket, 'BEGIN\r\n', limit);
}

const refuse: CallHandler = (call) =>
  Promise.reject(
    new DBusError('org.freedesktop.DBus.Error.UnknownMethod', `There is no ${call.member}`),
  );

interface PendingCall {
  readonly resolve: (values: Value[]) => void;
  readonly reject: (error: Error) => void;
}

export class DBusClient {
  readonly #connection: Connection;
  readonly #onCall: CallHandler;
  readonly #pending = new Map<number, PendingCall>();
  /** Those whose message has not come as a whole. */
  readonly #descriptors: Socket[] = [];
  #serial = 0;

  /** Connects to a bus, and says hello to it. */
  static async connect(path: string, onCall: CallHandler = refuse): Promise<DBusClient> {
    const limit = { deadline: deadlineIn(2000) };
    const socket = connect({ path }, limit);
    try {
      authenticate(socket, limit);
      const client = new DBusClient(fromSocket(socket), onCall);
      await client.call({ ...BUS, interface: BUS.destination, member: 'Hello' });
      return client;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  private constructor(connection: Connection, onCall: CallHandler) {
    this.#connection = connection;
    this.#onCall = onCall;
    connection.descriptors$.subscribe((descriptor) => this.#descriptors.push(descriptor));
    connection.data$
      .pipe(
        decode(messages),
        // They come before the last byte of their message, in order, so the first ones are this message's.
        map((message) => ({
          message,
          descriptors: this.#descriptors.splice(0, message.descriptorCount ?? 0),
        })),
      )
      .subscribe({
        next: ({ message, descriptors }) => {
          this.#onMessage(message, descriptors);
        },
        error: (error: Error) => {
          this.#onEnd(error);
        },
        complete: () => {
          this.#onEnd(new DBusError('io.bipoll.Closed', 'The bus has closed the connection'));
        },
      });
  }

  /** Calls a method. Descriptors among the values stay the caller's; those of the answer are the caller's too. */
  call(fields: Fields, ...values: Value[]): Promise<Value[]> {
    return new Promise((resolve, reject) => {
      const serial = this.#send(MessageType.Call, fields, values);
      this.#pending.set(serial, { resolve, reject });
    });
  }

  /** Becomes the owner of a name. */
  async own(name: string): Promise<void> {
    const fields = { ...BUS, interface: BUS.destination, member: 'RequestName', signature: 'su' };
    const DO_NOT_QUEUE = 4;
    const [outcome] = await this.call(fields, name, DO_NOT_QUEUE);
    if (outcome !== 1) throw new DBusError('io.bipoll.Owned', `${name} has an owner already`);
  }

  close(): void {
    this.#connection.close();
  }

  #send(type: number, fields: Fields, values: readonly Value[]): number {
    this.#connection.write(encodeMessage(type, ++this.#serial, fields, values));
    return this.#serial;
  }

  #onMessage(message: Message, descriptors: readonly Socket[]): void {
    const values = new ValueReader(message.body, message.isLittleEndian, 0, descriptors).readAll(
      message.signature ?? '',
    );
    const call = this.#pending.get(message.replySerial ?? 0);
    if (message.type === MessageType.Call) {
      void this.#answer(message, values);
    } else if (call) {
      this.#pending.delete(message.replySerial ?? 0);
      if (message.type === MessageType.Return) call.resolve(values);
      else
        call.reject(
          new DBusError(
            message.errorName ?? '',
            values.filter((value) => typeof value === 'string').join(' '),
          ),
        );
    } else {
      for (const descriptor of descriptors) descriptor.close(); // a signal, say, that nobody asked for
    }
  }

  async #answer(call: Message, values: Value[]): Promise<void> {
    const to = { destination: call.sender ?? '', replySerial: call.serial };
    try {
      const { signature, values: answer } = await this.#onCall(call, values);
      this.#send(MessageType.Return, { ...to, signature }, answer);
    } catch (error) {
      const { message } = error as Error;
      const errorName = error instanceof DBusError ? error.errorName : 'io.bipoll.Failed';
      this.#send(MessageType.Error, { ...to, errorName, signature: 's' }, [message]);
    } finally {
      for (const value of values) if (value instanceof Socket) value.close();
    }
  }

  #onEnd(error: Error): void {
    for (const descriptor of this.#descriptors.splice(0)) descriptor.close();
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

/** Serves one method, `Read`: the text that an open file has. */
export const serveFiles: CallHandler = async (call, [file]) => {
  if (call.member === 'Ping') return { signature: '', values: [] };
  if (call.member !== 'Read' || !(file instanceof Descriptor)) return refuse(call, []);
  const chunks = await lastValueFrom(fromDescriptor(file).data$.pipe(toArray()));
  return { signature: 's', values: [Buffer.concat(chunks).toString()] };
};

async function main(): Promise<void> {
  const { target, rest } = readArguments('dbus-client.ts --path BUS serve | read FILE');
  const [verb, name = ''] = rest;
  const client = await DBusClient.connect('path' in target ? target.path : '', serveFiles);
  if (verb === 'serve') {
    await client.own(FILES);
    console.log(`serving as ${FILES}`);
    stopSignal$.subscribe(() => {
      client.close();
    });
    return;
  }
  using file = adopt(openSync(name, 'r'), 'descriptor');
  const fields = {
    destination: FILES,
    path: '/',
    interface: FILES,
    member: 'Read',
    signature: 'h',
  };
  const [text] = await client.call(fields, file);
  console.log(text);
  client.close();
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(String(error));
    process.exitCode = 1;
  });
}

import { isMainThread } from 'node:worker_threads';
import binding from '../../binding.js';
import type { Features } from './capabilities';
import { hasLibuv } from './runtime';

/** Names an open socket or poller of this environment. A token of something closed names nothing. */
export type Token = number;

/** A negated errno (`-111`), or one of {@link STALE} and {@link END}. */
export type Failure = number;

/** The path is held by a socket file that nobody serves. */
export const STALE: Failure = -100_000;

/** The peer has ended, and all that it sent was read. */
export const END: Failure = -100_001;

/** How many sockets one message can carry. */
export const MAX_DESCRIPTORS = 64;

/** How many messages one call can receive, or send. */
export const MAX_MESSAGES = 64;

/** The numbers of a received message: its length, whether it is cut, how many were dropped before it, its sender. */
export const MESSAGE_FIELDS = 4;

/** The numbers of a message to send: its length, its receiver. */
export const OUTGOING_FIELDS = 2;

/** What can be set of a UDP socket: `enum bp_udp_setting` of the engine. */
export const UdpSetting = { Broadcast: 0, Ttl: 1, MulticastTtl: 2, MulticastLoopback: 3 } as const;

/** What can be set of a TCP socket: `enum bp_tcp_setting` of the engine. */
export const TcpSetting = {
  NoDelay: 0,
  KeepAlive: 1,
  KeepAliveIdle: 2,
  KeepAliveInterval: 3,
  KeepAliveCount: 4,
  UserTimeout: 5,
  Linger: 6,
  ReceiveBufferSize: 7,
  SendBufferSize: 8,
  TypeOfService: 9,
} as const;

/** How many events one wait can report. */
export const MAX_OCCURRENCES = 1024;

export interface NativeAddress {
  host: string;
  port: number;
}

export interface NativeCredentials {
  /** -1: the system does not tell; likewise the next two. */
  pid: number;
  uid: number;
  gid: number;
  groups: number[] | null;
}

/**
 * What the system tells of a TCP connection, in the order of `struct bp_tcp_information`, in microseconds and bytes; -1: it
 * does not tell.
 */
export type NativeTcpInformation = readonly number[];

/**
 * The one contract with the addon, over the engine's C interface (src/native/engine/engine.h).
 *
 * Functions that can fail return a negative {@link Failure}; none throws. They trust their arguments: src/core checks
 * these. Events are sets of the bits of `events.ts`; times are milliseconds.
 */
interface Native {
  /** The numbers that C and TypeScript share, by their TypeScript names. */
  readonly constants: Readonly<
    Record<
      | 'events'
      | 'kinds'
      | 'demands'
      | 'recordKinds'
      | 'tcpSettings'
      | 'udpSettings'
      | 'failures'
      | 'limits',
      Readonly<Record<string, number>>
    >
  >;

  /**
   * Says what the addon cannot find out by itself: whether another thread can end this one, and whether the event loop is
   * one of libuv's. Call it before all else.
   */
  begin(isWorker: boolean, hasLibuv: boolean): void;

  backends(): string[];
  /** What {@link openPump} takes beside the backends. Whether it can be opened is another question. */
  namedPumps(): string[];
  features(): Features;
  errorName(error: Failure): string;
  errorMessage(error: Failure): string;
  /** 4 or 6 for a numeric address, else 0. */
  addressFamily(text: string): 0 | 4 | 6;
  /** Numeric addresses, none for a name that has none. `family` 0 means both. */
  resolve(
    hostname: string,
    family: 0 | 4 | 6,
    timeout: number,
    interruptible: boolean,
  ): string[] | Failure;
  /**
   * The same without waiting. It does not keep the process alive. A failure: no thread could be made for it,
   * and `onResult` is never called.
   */
  lookUp(
    hostname: string,
    family: 0 | 4 | 6,
    onResult: (found: string[] | Failure) => void,
  ): Failure;

  listenTcp(
    host: string,
    port: number,
    backlog: number,
    reuseAddress: boolean,
    reusePort: boolean,
    ipv6Only: boolean,
    settings: Int32Array,
    networkInterface: string | null,
  ): Token;
  listenLocal(
    path: Uint8Array,
    backlog: number,
    mode: number,
    deleteOnClose: boolean,
    replaceStale: boolean,
  ): Token;
  connectTcp(
    host: string,
    port: number,
    localAddress: string | null,
    localPort: number,
    settings: Int32Array,
    networkInterface: string | null,
  ): Token;
  connectLocal(path: Uint8Array): Token;
  socketPair(): [Token, Token] | Failure;
  /** `kind` is one of `kinds.ts`. */
  adopt(fd: number, kind: number): Token;
  close(socket: Token): void;
  /** As {@link close}, but the descriptor stays open. Returns it. */
  detach(socket: Token): number;
  /** Whether an event loop has received bytes ahead that nobody was told of. The next reads return them. */
  recall(socket: Token): boolean;

  accept(server: Token): Token;
  fd(socket: Token): number;
  /** How its descriptor was opened: 0 for reading, 1 for writing, 2 for both. */
  access(socket: Token): number;
  localAddress(socket: Token): NativeAddress | Failure;
  remoteAddress(socket: Token): NativeAddress | null;
  peerCredentials(socket: Token): NativeCredentials | null;
  /** Those of `events` that hold now. */
  holds(socket: Token, events: number): number;
  /** Why connecting failed; 0 while it has not. */
  connectionError(socket: Token): number;
  /** Says whether JavaScript holds unread bytes of a socket, which then has data available. */
  noteUnread(socket: Token, holds: boolean): void;
  /** Bytes read, 0 for none now, {@link END}. */
  read(socket: Token, buffer: Uint8Array, start: number, end: number, peek: boolean): number;
  write(socket: Token, buffer: Uint8Array, start: number, end: number): number;
  /** As {@link read}, waiting in C for at least a byte; 0 at the deadline. */
  readWait(
    socket: Token,
    buffer: Uint8Array,
    start: number,
    end: number,
    timeout: number,
    interruptible: boolean,
  ): number;
  /** As {@link write}, waiting in C until at least a byte is taken; 0 at the deadline. */
  writeWait(
    socket: Token,
    buffer: Uint8Array,
    start: number,
    end: number,
    timeout: number,
    interruptible: boolean,
  ): number;
  writev(socket: Token, buffers: readonly Uint8Array[]): number;
  shutdown(socket: Token): number;
  sendDescriptors(socket: Token, bytes: Uint8Array, sockets: readonly Token[]): number;
  /** As {@link read}; appends the kind and the token of each socket that came. */
  receiveDescriptors(socket: Token, buffer: Uint8Array, received: number[]): number;

  openUdp(
    host: string,
    port: number,
    reuseAddress: boolean,
    reusePort: boolean,
    ipv6Only: boolean,
    peerHost: string | null,
    peerPort: number,
    receiveBufferSize: number,
    sendBufferSize: number,
  ): Token;
  setUdp(socket: Token, setting: number, value: number): number;
  setMembership(
    socket: Token,
    group: string,
    multicastInterface: string | null,
    joins: boolean,
  ): number;
  setMulticastInterface(socket: Token, multicastInterface: string): number;
  /** `path` null: it has no name. `peer` null: it is connected to nobody. */
  openLocalDatagram(
    path: Uint8Array | null,
    peer: Uint8Array | null,
    mode: number,
    deleteOnClose: boolean,
    replaceStale: boolean,
  ): Token;
  listenLocalPackets(
    path: Uint8Array,
    backlog: number,
    mode: number,
    deleteOnClose: boolean,
    replaceStale: boolean,
  ): Token;
  connectLocalPackets(path: Uint8Array): Token;
  /**
   * Receives up to `count` messages, or as many as `memory` has room for, of `slotBytes` at most. Their bytes lie there
   * one behind the other, and `fields` has {@link MESSAGE_FIELDS} numbers for each. Appends each sender that is not the
   * one before: host and port, path and null, or two nulls. Returns how many messages; 0: none now; {@link END}.
   */
  receiveMessages(
    socket: Token,
    memory: Uint8Array,
    slotBytes: number,
    count: number,
    fields: Float64Array,
    senders: (string | number | null)[],
  ): number;
  /**
   * Sends `count` messages, whose bytes lie one behind the other, with {@link OUTGOING_FIELDS} numbers for each: its
   * length, and which of `receivers` it goes to, -1: to whom the socket is connected. Receivers are hosts and ports, or
   * bytes of paths and 0. Returns how many the system has taken, from the first on; a failure is about the first.
   */
  sendMessages(
    socket: Token,
    bytes: Uint8Array,
    fields: Float64Array,
    count: number,
    receivers: readonly (string | Uint8Array | number)[],
  ): number;

  /** The events of one socket that hold; 0 at the deadline. Waits in C, whatever the timeout. */
  pollOne(socket: Token, events: number, timeout: number, interruptible: boolean): number;
  /** The same for `count` pairs of a token and events; writes over the latter those that hold. */
  poll(pairs: Float64Array, count: number, timeout: number, interruptible: boolean): number;

  /** `interval` Infinity: it expires once. */
  openTimer(delay: number, interval: number): Token;
  /** How often it has expired since the last call. */
  takeExpirations(timer: Token): number;
  watchChild(pid: number): Token;
  /** The exit code and 0, or -1 and the number of a signal; `EAGAIN`: it runs; `ECHILD`: it was waited for. */
  childExit(child: Token): [code: number, signal: number] | Failure;
  /** By the numbers of the signals. */
  openSignalSource(signals: readonly number[]): Token;
  /** The numbers of the signals that came since the last call. */
  takeSignals(source: Token): number[] | Failure;

  openPoller(backend: string | null): Token;
  closePoller(poller: Token): void;
  pollerBackend(poller: Token): string;
  pollerWaker(poller: Token): number;
  monitor(poller: Token, socket: Token, events: number): number;
  unmonitor(poller: Token, socket: Token): number;
  /** Writes pairs of a socket's token and the events that hold; returns how many. Any signal ends it, once. */
  wait(poller: Token, timeout: number, pairs: Float64Array): number;
  wake(waker: number): boolean;

  /** Milliseconds until the poller must be waited for even without a notification; -1: never. */
  nextPollerLook(poller: Token): number;

  /**
   * Opens a pump, which reads, accepts and writes for many sockets in batches: `struct bp_pump` of the engine
   * (src/native/engine/pump.h).
   */
  openPump(backend: string): Token;
  closePump(pump: Token): void;
  /** Sets what is wanted of a socket, a set of {@link Demand}. `tag` comes back in its records. */
  want(pump: Token, socket: Token, demand: number, tag: number): number;
  /**
   * Copies bytes to the outboxes of sockets: pieces of three numbers, socket, tag and length, whose bytes
   * lie one behind the other. The next flush or drain sends them. Returns how many pieces found no
   * memory; their lengths are negated.
   */
  stage(pump: Token, pieces: Float64Array, count: number, bytes: Uint8Array): number;
  /**
   * Sends pieces as {@link stage} has them, no two of the same socket, at once and without a copy where nothing waits
   * before them. Writes records of what the system has taken, and of what failed, as many as pieces at most; the rest is
   * staged. Returns how many records.
   */
  sendPieces(
    pump: Token,
    pieces: Float64Array,
    count: number,
    bytes: Uint8Array,
    records: Float64Array,
  ): number;
  /**
   * Sends large bytes without a copy, as far as nothing waits before them. Returns how many bytes the
   * system has taken; a record tells of the rest.
   */
  send(pump: Token, socket: Token, tag: number, bytes: Uint8Array): number;
  /**
   * As {@link send}, with the descriptors of these sockets, which stay the caller's, attached to the first byte.
   */
  sendWithDescriptors(
    pump: Token,
    socket: Token,
    tag: number,
    bytes: Uint8Array,
    sockets: readonly Token[],
  ): number;
  /** Ends the sending side behind all that was sent. For `answerTimeout` see pump.h. */
  end(pump: Token, socket: Token, tag: number, answerTimeout: number): number;
  /** Gives the system what it takes before the socket is closed. Returns how many bytes are left. */
  leave(pump: Token, socket: Token): number;
  /** How many bytes of a socket the system has not taken yet. */
  queuedBytes(pump: Token, socket: Token): number;
  /** Sends what was staged. Writes records as {@link drain}; returns how many. */
  flush(pump: Token, records: Float64Array): number;
  /**
   * Sends what was staged, then does what is wanted of the sockets that are ready. Writes records of
   * four numbers, tag, kind ({@link RecordKind}), value and offset, and the bytes behind `start`.
   * Returns how many records.
   */
  drain(pump: Token, records: Float64Array, memory: Uint8Array, start: number): number;
  /** Milliseconds until the pump must be drained even without a notification; -1: never. */
  nextLook(pump: Token): number;

  /**
   * Has `onReady` called in the event loop whenever the pump has something to drain, by libuv's loop or
   * by a thread that waits. `ENOTSUP`: this driver cannot watch this pump.
   */
  openPumpLoop(pump: Token, driver: 'uv' | 'waiter', onReady: () => void): Token;
  /** The same for a poller that has something to report. */
  openPollerLoop(poller: Token, driver: 'uv' | 'waiter', onReady: () => void): Token;
  closeLoop(loop: Token): void;
  /** Whether the loop keeps the process alive; at first it does not. */
  referLoop(loop: Token, isReferenced: boolean): void;
  tcpInformation(socket: Token): NativeTcpInformation | Failure;
  /** Makes the close of a TCP stream a reset. */
  resetOnClose(socket: Token): number;
  /**
   * Options of a TCP stream or server.
   *
   * @param settings a number for each of {@link TcpSetting}; -1: that stays as it is
   */
  setTcpOptions(socket: Token, settings: Int32Array, networkInterface: string | null): number;
}

export const native = binding as Native;
native.begin(!isMainThread, hasLibuv);

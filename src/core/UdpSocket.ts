import { checkBoolean, checkInteger, optionsOf } from './argument';
import { DatagramSocket } from './DatagramSocket';
import { orThrow } from './errors';
import { addressText } from './inspection';
import type { Sender } from './inbox';
import { localAddressOf } from './localAddress';
import { native, type NativeAddress, type Token, UdpSetting } from './native';
import { checkNumericAddress, checkPort } from './numericAddress';
import type { Destination } from './outbox';

/** The address of a UDP socket. */
export interface UdpAddress {
  /** A numeric address. */
  readonly host: string;
  readonly port: number;
}

/** Where a message came from. The system says so: it need not be checked when that is answered. */
class SenderAddress implements UdpAddress {
  readonly #isOurs = true;

  constructor(
    readonly host: string,
    readonly port: number,
  ) {}

  static is(value: object): value is SenderAddress {
    return #isOurs in value;
  }
}

/** A UDP socket over IPv4 or IPv6. */
export class UdpSocket extends DatagramSocket<UdpAddress> {
  /** UDP counts the bytes of a message, and of its own header, in 16 bits. @internal */
  override readonly longestMessage = 65_535;
  /** Null: the system chooses one with the first message. */
  readonly #local: NativeAddress | null;
  readonly #remote: NativeAddress | null;

  /** @internal */
  constructor(token: Token, local: NativeAddress | null, remote: NativeAddress | null) {
    super(token, 'UDP socket');
    this.#local = local;
    this.#remote = remote;
  }

  /** The numeric address that it is bound to; undefined once closed. */
  get localAddress(): string | undefined {
    return this.local()?.host;
  }

  /** The port that it is bound to, the real one after port 0; undefined once closed. */
  get localPort(): number | undefined {
    return this.local()?.port;
  }

  /** The numeric address that it is connected to. */
  get remoteAddress(): string | undefined {
    return this.remote()?.host;
  }

  /** The port that it is connected to. */
  get remotePort(): number | undefined {
    return this.remote()?.port;
  }

  /** Lets it send to broadcast addresses, which otherwise fails with `EACCES`. */
  setBroadcast(flag: boolean): void {
    this.#set(UdpSetting.Broadcast, 'setBroadcast', checkBoolean('flag', flag));
  }

  /** How many routers its messages may pass, from 1 to 255; 64 by default on most systems. */
  setTTL(ttl: number): void {
    this.#set(UdpSetting.Ttl, 'setTTL', checkInteger('ttl', ttl, 1, 255));
  }

  /** How many routers its multicast messages may pass, from 0 (this machine) to 255; 1 by default. */
  setMulticastTTL(ttl: number): void {
    this.#set(UdpSetting.MulticastTtl, 'setMulticastTTL', checkInteger('ttl', ttl, 0, 255));
  }

  /** Whether sockets of this machine receive its multicast messages too; true by default. */
  setMulticastLoopback(flag: boolean): void {
    this.#set(UdpSetting.MulticastLoopback, 'setMulticastLoopback', checkBoolean('flag', flag));
  }

  /**
   * Sets the interface that multicast messages leave by.
   *
   * @param multicastInterface its numeric address; of IPv6 with its scope, `::%eth0`
   * @throws SocketError `EADDRNOTAVAIL`: no interface has it
   */
  setMulticastInterface(multicastInterface: string): void {
    const by = checkNumericAddress('multicastInterface', multicastInterface);
    orThrow(native.setMulticastInterface(this.token, by), 'setMulticastInterface');
  }

  /**
   * Joins a multicast group. Bind the socket to the port of the group, at `0.0.0.0` or `::`.
   *
   * @param multicastInterface the numeric address of the interface; of IPv6 with its scope, `::%eth0`. By default the system
   *   chooses one
   * @throws SocketError `EINVAL`: no multicast address, or of another family; `ENODEV`: there is no such interface
   *
   * @example
   * using socket = bindUdp({ host: ANY_IPV4, port: 5353, reuseAddress: true });
   * socket.addMembership('224.0.0.251');
   */
  addMembership(multicastAddress: string, multicastInterface?: string): void {
    this.#setMembership('addMembership', multicastAddress, multicastInterface, true);
  }

  /** Leaves a multicast group, as closing does. @throws SocketError `EADDRNOTAVAIL`, on Windows `EINVAL`: it is in no such group */
  dropMembership(multicastAddress: string, multicastInterface?: string): void {
    this.#setMembership('dropMembership', multicastAddress, multicastInterface, false);
  }

  /** @internal */
  get where(): { address?: string; port?: number } {
    const address = this.remote() ?? this.local();
    return address ? { address: address.host, port: address.port } : {};
  }

  /** @internal */
  protected get isConnected(): boolean {
    return this.remote() !== null;
  }

  /** @internal */
  addressOf([host, port]: Sender): UdpAddress {
    return new SenderAddress(host ?? '', port ?? 0);
  }

  /** @internal */
  protected destinationOf(to: UdpAddress): Destination {
    const { host, port } = isSender(to) ? to : checkedAddress(to);
    return { to: host, port, where: () => ({ address: host, port }) };
  }

  /** @internal */
  protected override description(): Readonly<Record<string, unknown>> {
    return {
      state: this.closed ? 'closed' : this.isConnected ? 'connected' : 'bound',
      local: addressText(this.local()),
      remote: addressText(this.remote()),
    };
  }

  #set(setting: number, syscall: string, value: number | boolean): void {
    orThrow(native.setUdp(this.token, setting, Number(value)), syscall);
  }

  #setMembership(syscall: string, group: string, by: string | undefined, joins: boolean): void {
    const address = checkNumericAddress('multicastAddress', group);
    const multicastInterface =
      by === undefined ? null : checkNumericAddress('multicastInterface', by);
    orThrow(native.setMembership(this.token, address, multicastInterface, joins), syscall);
  }

  private local(): NativeAddress | null {
    return this.closed ? null : (this.#local ?? localAddressOf(this.token));
  }

  private remote(): NativeAddress | null {
    this.checkReceiver();
    return this.#remote;
  }
}

function isSender(to: unknown): to is SenderAddress {
  return typeof to === 'object' && to !== null && SenderAddress.is(to);
}

function checkedAddress(to: UdpAddress): UdpAddress {
  const { host, port } = optionsOf('to', to, { host: true, port: true });
  return { host: checkNumericAddress('to.host', host), port: checkPort('to.port', port) };
}

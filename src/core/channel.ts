import { channel } from 'node:diagnostics_channel';

/** What every message of a diagnostics channel contains. */
export interface Published {
  /** When it happened: milliseconds, as by `performance.now()`. */
  readonly time: number;
}

/** A channel, as its publishers see it. Ask `hasSubscribers` first, so that no message is built in vain. */
export interface ChannelOf<Message> {
  readonly name: string | symbol;
  readonly hasSubscribers: boolean;
  publish(message: Message): void;
}

export function channelOf<Message>(name: string): ChannelOf<Message> {
  return channel(name);
}

/** Adds what every message contains. */
export function publish<Message extends Published>(
  to: ChannelOf<Message>,
  message: Omit<Message, keyof Published>,
): void {
  to.publish({ ...message, time: performance.now() } as unknown as Message);
}

import type { AnyCommand } from './Command';
import { benchCommand } from './definitions/bench';
import { completionCommand } from './definitions/completion';
import { connectCommand } from './definitions/connect';
import { listenCommand } from './definitions/listen';
import { proxyCommand } from './definitions/proxy';
import { scanCommand } from './definitions/scan';
import { sendCommand } from './definitions/send';
import { waitCommand } from './definitions/wait';
import { watchCommand } from './definitions/watch';

/** All of them, in the order of help. */
export const commands: readonly AnyCommand[] = [
  connectCommand,
  listenCommand,
  proxyCommand,
  scanCommand,
  waitCommand,
  sendCommand,
  benchCommand,
  watchCommand,
  completionCommand,
];

export function commandNamed(name: string): AnyCommand | undefined {
  return commands.find((command) => command.name === name);
}

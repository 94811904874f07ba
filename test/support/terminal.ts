import { spawn, spawnSync } from 'node:child_process';
import { type Descriptor, socketPair } from 'bipoll';
import { poll } from 'bipoll/sync';
import { PATIENCE } from './patience';
import { isWindows } from './where';

/** Node.js cannot open a pseudo-terminal, so Python does. */
export const hasTerminals =
  !isWindows && spawnSync('python3', ['-c', 'import pty, socket; socket.send_fds']).status === 0;
export const NO_TERMINALS = 'python3, which opens pseudo-terminals for the tests, is not installed';

const OPEN = `
import os, pty, socket, sys, tty
master, terminal = pty.openpty()
if sys.argv[1] == 'raw': tty.setraw(terminal)
socket.send_fds(socket.socket(fileno=3), [b'x'], [master, terminal])
`;

/**
 * A pseudo-terminal: the side of whoever shows it, and that of the programs on it.
 *
 * @param mode `raw` passes bytes on as they are; `cooked` has lines, an echo, and an end by Ctrl-D
 */
export function openTerminal(mode: 'raw' | 'cooked'): [master: Descriptor, terminal: Descriptor] {
  const [here, there] = socketPair();
  spawn('python3', ['-c', OPEN, mode], { stdio: ['ignore', 'inherit', 'inherit', there.fd] });
  there.close();
  poll(here, 'dataAvailable', PATIENCE);
  const { sockets } = here.receiveDescriptors(Buffer.alloc(1));
  here.close();
  const [master, terminal] = sockets;
  return [master as Descriptor, terminal as Descriptor];
}

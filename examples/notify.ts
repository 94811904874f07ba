// A service that says that it is ready, and then again and again that it is alive, as systemd asks of one with
// Type=notify and WatchdogSec= (sd_notify(3)). Whoever starts it names a socket in NOTIFY_SOCKET.
//
//   npx tsx examples/reactive/watchdog.ts --path /tmp/notify.sock npx tsx examples/notify.ts
import { connectLocalDatagram } from 'bipoll';
import { sendMessage } from 'bipoll/sync';

/** Tells whoever has started this process; nobody, if that does not ask. */
export function notify(state: string): void {
  const { NOTIFY_SOCKET: name } = process.env;
  if (name === undefined) return;
  // An abstract name begins with NUL, which no variable can have.
  using socket = connectLocalDatagram({ path: name.replace(/^@/, '\0') });
  sendMessage(socket, state, { timeout: 1000 });
}

function main(): void {
  const patience = Number(process.env['WATCHDOG_USEC'] ?? 0) / 1000;
  notify('READY=1\nSTATUS=serving');
  notify('WATCHDOG=1');
  // If JavaScript is stuck, so is this, and the service is started anew.
  if (patience > 0) setInterval(notify, patience / 2, 'WATCHDOG=1');
}

if (require.main === module) main();

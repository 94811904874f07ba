import { errorOfCode, type Where } from '../../core/errors';
import { leftEarly, truncated } from '../../handshake/tlsErrors';
import type { Loss } from './letters';

/** The error of what the TLS thread reports of a peer. */
export function errorOfLoss(loss: Loss, peer: Where): Error {
  switch (loss.kind) {
    case 'truncated':
      return truncated(peer);
    case 'leftEarly':
      return leftEarly(peer);
    case 'system':
      return errorOfCode(loss.code, loss.syscall, peer);
    case 'tls':
      return Object.assign(new Error(loss.message), loss.details);
  }
}

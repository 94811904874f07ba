/** The errors of `net.Socket`, with the codes that programs know. */
function netError<E extends Error>(error: E, code: string): E & { code: string } {
  return Object.assign(error, { code });
}

/** It was destroyed before (`ERR_SOCKET_CLOSED`). */
export function socketClosed(): Error {
  return netError(new Error('Socket is closed'), 'ERR_SOCKET_CLOSED');
}

/** It was destroyed while it was connecting: what was written is lost (`ERR_SOCKET_CLOSED_BEFORE_CONNECTION`). */
export function closedBeforeConnection(): Error {
  return netError(
    new Error('Socket closed before the connection was established'),
    'ERR_SOCKET_CLOSED_BEFORE_CONNECTION',
  );
}

/** Only a TCP connection can be reset (`ERR_INVALID_HANDLE_TYPE`). */
export function invalidHandleType(): TypeError {
  return netError(new TypeError('This handle type cannot be sent'), 'ERR_INVALID_HANDLE_TYPE');
}

/** A write after the peer's end, which ended our side as well (`EPIPE`). */
export function endedByPeer(): Error {
  return netError(new Error('This socket has been ended by the other party'), 'EPIPE');
}

/** A stream was destroyed before its end, without an error (`ERR_STREAM_PREMATURE_CLOSE`), as `stream.finished` says it. */
export function prematureClose(): Error {
  return netError(new Error('Premature close'), 'ERR_STREAM_PREMATURE_CLOSE');
}

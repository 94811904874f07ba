/** Milliseconds that all streams have to close once their programs are done with them. */
const PATIENCE = 3000;

/** The streams of one play, made by one kind of sockets, and what becomes of them. */
export class Streams {
  #sockets;
  #listeners = [];
  #fates = [];

  constructor(sockets) {
    this.#sockets = sockets;
  }

  connecting = (target) => this.#keep(this.#sockets.connecting(target), 'client');

  unconnected = (target) => this.#keep(this.#sockets.unconnected(target), 'client');

  /** @returns where it listens, until the play is over */
  async listen(onStream) {
    const { target, close } = await this.#sockets.listen((stream) => {
      onStream(this.#keep(stream, 'server'));
    });
    this.#listeners.push(close);
    return target;
  }

  #keep(stream, side) {
    const told = [];
    const closed = new Promise((resolve) => {
      stream
        .on('connect', () => told.push('connect'))
        .on('error', ({ code }) => told.push(`error ${code}`))
        .on('close', (hadError) => resolve(told.push(`close ${hadError}`)));
    });
    this.#fates.push({ side, stream, told, closed });
    return stream;
  }

  /** Ends the play. @returns what each stream told, in the order in which they were made on either side */
  async fates() {
    for (const close of this.#listeners) close();
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE)));
    await Promise.race([late, Promise.all(this.#fates.map(({ closed }) => closed))]);
    clearTimeout(timer);
    for (const { stream } of this.#fates) stream.destroy();
    const toldOn = (wanted) =>
      this.#fates.filter(({ side }) => side === wanted).map(({ told }) => told.join(', '));
    return { clients: toldOn('client'), servers: toldOn('server') };
  }
}

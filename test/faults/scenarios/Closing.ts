/** What a scenario has opened, to be closed at its end, the last first. */
export class Closing implements Disposable {
  readonly #opened: Disposable[] = [];

  add<Opened extends Disposable>(opened: Opened): Opened {
    this.#opened.push(opened);
    return opened;
  }

  [Symbol.dispose](): void {
    for (const opened of this.#opened.splice(0).reverse()) opened[Symbol.dispose]();
  }
}

import { type FrameBatch, type FrameItem, type Opened, SERVICE_CODEC } from '../wire';
import { element } from './element';
import { FrameModel, isNote, MOST_ITEMS } from './FrameModel';
import { textOfChunk, textOfItem } from './itemText';
import type { Lane } from './Model';

/** What went over the opened connection: its first chunks, or the frames of the codec that is chosen, as they come. */
export class Traffic {
  readonly #codec = element('codec', HTMLSelectElement);
  readonly #hex = element('hex', HTMLInputElement);
  readonly #again = element('again', HTMLButtonElement);
  readonly #summary = element('decoded', HTMLElement);
  readonly #list = element('bytes', HTMLPreElement);
  #isCodecChosen = false;
  #opened: Opened | null = null;
  #source: EventSource | null = null;
  /** null: chunks are shown. */
  #frames: FrameModel | null = null;

  constructor() {
    this.#codec.addEventListener('change', () => {
      this.#isCodecChosen = true;
      this.#begin();
    });
    this.#hex.addEventListener('change', () => {
      this.#showAll();
    });
  }

  /** Shows what was read of a connection. */
  open(opened: Opened): void {
    this.#opened = opened;
    this.#codec.querySelector<HTMLElement>(`[value=${SERVICE_CODEC}]`)!.hidden = !opened.hasCodec;
    if (opened.hasCodec && !this.#isCodecChosen) this.#codec.value = SERVICE_CODEC;
    this.#begin();
  }

  close(): void {
    this.#source?.close();
    this.#source = this.#frames = this.#opened = null;
    this.#list.textContent = this.#summary.textContent = '';
  }

  /** The lane to draw: with the frames that are shown as its marks. */
  laneOf(lane: Lane): Lane {
    return this.#frames?.laneOf(lane) ?? lane;
  }

  #begin(): void {
    const opened = this.#opened;
    if (!opened) return;
    this.#source?.close();
    this.#source = this.#frames = null;
    const as = this.#codec.value;
    this.#again.hidden = as !== '';
    if (as !== '') this.#follow(opened.row.id, as);
    this.#showAll();
  }

  #follow(id: number, as: string): void {
    const source = new EventSource(`connections/${id}/frames?as=${as}`);
    this.#source = source;
    this.#frames = new FrameModel();
    source.addEventListener('open', () => {
      this.#frames = new FrameModel(); // all is told from the beginning, also to who connects again
      this.#showAll();
    });
    source.addEventListener('message', ({ data }) => {
      this.#add(JSON.parse(data as string) as FrameBatch);
    });
    source.addEventListener('error', () => {
      this.#summary.textContent =
        source.readyState === EventSource.CLOSED
          ? 'The service gives no frames: it shows this connection no longer, or too many look.'
          : 'The service does not answer.';
    });
  }

  #add(batch: FrameBatch): void {
    const frames = this.#frames;
    if (!frames) return;
    frames.apply(batch);
    this.#summary.textContent = frames.summary;
    const { scrollTop, scrollHeight, clientHeight } = this.#list;
    const isAtEnd = scrollTop + clientHeight > scrollHeight - 4;
    this.#list.append(...batch.items.map((item) => this.#lineOf(item, frames.start)));
    while (this.#list.childElementCount > MOST_ITEMS) this.#list.firstElementChild!.remove();
    if (isAtEnd) this.#list.scrollTop = this.#list.scrollHeight;
  }

  #showAll(): void {
    if (this.#frames) {
      const { items, start, summary } = this.#frames;
      this.#list.replaceChildren(...items.map((item) => this.#lineOf(item, start)));
      this.#list.scrollTop = this.#list.scrollHeight;
      this.#summary.textContent = summary;
      return;
    }
    const { chunks = [] } = this.#opened ?? {};
    const start = chunks[0]?.time ?? 0;
    const lines = chunks.map((chunk) =>
      newLine(chunk.direction, textOfChunk(chunk, start, this.#hex.checked)),
    );
    this.#list.replaceChildren(...lines);
    this.#list.scrollTop = 0;
    this.#summary.textContent = `Chunks from the first on, as far as they are kept: ${chunks.length}.`;
  }

  #lineOf(item: FrameItem, start: number): HTMLElement {
    const style = isNote(item) ? (item.isError ? 'bad' : 'note') : item.direction;
    return newLine(style, textOfItem(item, start, this.#hex.checked));
  }
}

function newLine(style: string, text: string): HTMLElement {
  const line = document.createElement('div');
  line.className = style;
  line.textContent = text;
  return line;
}

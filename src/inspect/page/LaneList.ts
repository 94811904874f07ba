import { bytesText } from './amounts';
import { cleared, type Colours, drawLane } from './drawing';
import { type Lane, matches, type Model, stateOf } from './Model';
import type { TimeLine } from './TimeLine';

interface Item {
  readonly element: HTMLLIElement;
  readonly name: HTMLElement;
  readonly about: HTMLElement;
  readonly canvas: HTMLCanvasElement;
}

/** The list of connections, a lane each. */
export class LaneList {
  readonly #list: HTMLElement;
  readonly #onOpen: (id: number) => void;
  readonly #items = new Map<number, Item>();
  filter = '';

  constructor(list: HTMLElement, onOpen: (id: number) => void) {
    this.#list = list;
    this.#onOpen = onOpen;
  }

  /** Lists the connections that there are, and says of each what is known. */
  update({ lanes }: Model): void {
    for (const [id, { element }] of this.#items) {
      if (lanes.has(id)) continue;
      element.remove();
      this.#items.delete(id);
    }
    for (const [id, { row }] of lanes) {
      let item = this.#items.get(id);
      if (!item) {
        item = this.#newItem(id);
        this.#items.set(id, item);
      }
      const state = stateOf(row);
      item.element.hidden = !matches(row, this.filter);
      item.element.className = state;
      item.name.textContent = `#${id} ${row.name}`;
      const queued = row.queuedBytes > 0 ? `, ${bytesText(row.queuedBytes)} queued` : '';
      const why = row.error === null ? '' : `: ${row.error}`;
      item.about.textContent = `${state.replace('closed failed', 'failed')}, ${bytesText(row.bytesRead)} in, ${bytesText(row.bytesWritten)} out${queued}${why}`;
    }
  }

  /** Draws the lanes that can be seen. */
  draw({ lanes }: Model, line: TimeLine, now: number, colours: Colours): void {
    const rectangles = [...this.#items].map(([id, { canvas }]) => ({
      lane: lanes.get(id),
      canvas,
      box: canvas.getBoundingClientRect(),
    }));
    for (const { lane, canvas, box } of rectangles) {
      const isSeen = box.height > 0 && box.bottom > 0 && box.top < innerHeight;
      if (lane && isSeen) this.#drawOn(canvas, lane, line, now, colours);
    }
  }

  #drawOn(
    canvas: HTMLCanvasElement,
    lane: Lane,
    line: TimeLine,
    now: number,
    colours: Colours,
  ): void {
    drawLane(cleared(canvas), lane, line, now, colours);
  }

  #newItem(id: number): Item {
    const element = document.createElement('li');
    const button = document.createElement('button');
    const name = document.createElement('b');
    const about = document.createElement('small');
    const canvas = document.createElement('canvas');
    button.type = 'button';
    canvas.setAttribute('aria-hidden', 'true');
    button.append(name, about);
    button.addEventListener('click', () => {
      this.#onOpen(id);
    });
    element.append(button, canvas);
    this.#list.prepend(element); // the newest first
    return { element, name, about, canvas };
  }
}

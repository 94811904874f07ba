import type { Opened, Row } from '../wire';
import { bytesText } from './amounts';
import { cleared, type Colours, drawLane } from './drawing';
import { element } from './element';
import type { Model } from './Model';
import type { TimeLine } from './TimeLine';
import { Traffic } from './Traffic';

/** The dialog that shows one connection: what goes over it, and how to save it as a test. */
export class Details {
  readonly #dialog = element('opened', HTMLDialogElement);
  readonly #about = element('about', HTMLElement);
  readonly #marbles = element('marbles', HTMLCanvasElement);
  readonly #form = element('save', HTMLFormElement);
  readonly #saving = element('saving', HTMLButtonElement);
  readonly #saved = element('saved', HTMLElement);
  readonly #traffic = new Traffic();
  #id = 0;

  constructor() {
    element('again', HTMLButtonElement).addEventListener('click', () => void this.#read());
    element('shut', HTMLButtonElement).addEventListener('click', () => {
      this.#dialog.close();
    });
    this.#dialog.addEventListener('close', () => {
      this.#traffic.close();
    });
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#save();
    });
  }

  get isOpen(): boolean {
    return this.#dialog.open;
  }

  open(id: number): void {
    this.#id = id;
    this.#about.textContent = this.#saved.textContent = '';
    element('title', HTMLElement).textContent = `#${id}`;
    this.#dialog.showModal();
    void this.#read();
  }

  /** Says of the connection what is known now. */
  update({ lanes }: Model): void {
    const lane = lanes.get(this.#id);
    if (this.isOpen && lane) this.#describe(lane.row);
  }

  /** Draws what happened on it. */
  draw({ lanes }: Model, line: TimeLine, now: number, colours: Colours): void {
    const lane = lanes.get(this.#id);
    if (!this.isOpen || !lane) return;
    drawLane(cleared(this.#marbles), this.#traffic.laneOf(lane), line, now, colours);
  }

  async #read(): Promise<void> {
    const id = this.#id;
    const { text, isGood } = await textFrom(`connections/${id}`);
    if (id !== this.#id || !this.isOpen) return; // another was opened meanwhile, or none
    if (!isGood) {
      this.#about.textContent = text;
      return;
    }
    const opened = JSON.parse(text) as Opened;
    this.#describe(opened.row);
    this.#traffic.open(opened);
  }

  #describe({ id, name, bytesRead, bytesWritten, unsavable }: Row): void {
    element('title', HTMLElement).textContent = `#${id} ${name}`;
    const cannot = unsavable === null ? '' : ` It cannot be saved: ${unsavable}.`;
    this.#about.textContent = `${bytesText(bytesRead)} in, ${bytesText(bytesWritten)} out.${cannot}`;
    this.#saving.disabled = unsavable !== null;
  }

  async #save(): Promise<void> {
    const fields = [...new FormData(this.#form)].filter(isText);
    const query = new URLSearchParams(fields);
    const { text, isGood } = await textFrom(`connections/${this.#id}/test?${query.toString()}`);
    const file = `connection-${this.#id}.test.ts`;
    this.#saved.textContent = isGood ? `Saved as ${file}.` : text;
    if (!isGood) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
    link.download = file;
    link.click();
    URL.revokeObjectURL(link.href);
  }
}

/** Of the fields of a form: none of ours is a file. */
function isText(field: [string, FormDataEntryValue]): field is [string, string] {
  return typeof field[1] === 'string';
}

async function textFrom(url: string): Promise<{ text: string; isGood: boolean }> {
  try {
    const response = await fetch(url);
    return { text: await response.text(), isGood: response.ok };
  } catch {
    return { text: 'The service does not answer.', isGood: false };
  }
}

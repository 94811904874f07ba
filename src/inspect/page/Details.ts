import type { Opened } from '../wire';
import { bytesText } from './amounts';
import { hexOf, textOf } from './chunkText';
import { element } from './element';

/** The dialog that shows the bytes of one connection, and saves it as a test. */
export class Details {
  readonly #dialog = element('opened', HTMLDialogElement);
  readonly #hex = element('hex', HTMLInputElement);
  readonly #bytes = element('bytes', HTMLPreElement);
  readonly #about = element('about', HTMLElement);
  readonly #form = element('save', HTMLFormElement);
  readonly #saving = element('saving', HTMLButtonElement);
  readonly #saved = element('saved', HTMLElement);
  #id = 0;
  #opened: Opened | null = null;

  constructor() {
    this.#hex.addEventListener('change', () => {
      this.#show();
    });
    element('again', HTMLButtonElement).addEventListener('click', () => void this.#read());
    element('shut', HTMLButtonElement).addEventListener('click', () => {
      this.#dialog.close();
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
    this.#opened = null;
    this.#bytes.textContent = this.#about.textContent = this.#saved.textContent = '';
    element('title', HTMLElement).textContent = `#${id}`;
    this.#dialog.showModal();
    void this.#read();
  }

  async #read(): Promise<void> {
    const id = this.#id;
    const { text, isGood } = await textFrom(`connections/${id}`);
    if (id !== this.#id) return; // another was opened meanwhile
    if (isGood) this.#opened = JSON.parse(text) as Opened;
    else this.#about.textContent = text;
    this.#show();
  }

  #show(): void {
    if (!this.#opened) return;
    const { row, chunks } = this.#opened;
    element('title', HTMLElement).textContent = `#${row.id} ${row.name}`;
    const cannot = row.unsavable === null ? '' : ` It cannot be saved: ${row.unsavable}.`;
    this.#about.textContent = `${bytesText(row.bytesRead)} in, ${bytesText(row.bytesWritten)} out; the first ${chunks.length} chunks.${cannot}`;
    this.#saving.disabled = row.unsavable !== null;
    const start = chunks[0]?.time ?? 0;
    const shown = chunks.map(({ time, direction, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const line = document.createElement('div');
      line.className = direction;
      const arrow = direction === 'in' ? '→ in ' : '← out';
      const head = `${arrow} +${(time - start).toFixed(1)} ms, ${bytesText(bytes.length)}`;
      line.textContent = `${head}\n${this.#hex.checked ? hexOf(bytes) : textOf(bytes)}`;
      return line;
    });
    this.#bytes.replaceChildren(...shown);
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

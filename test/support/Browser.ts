import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { untilSaid } from '../examples/peers';

const FLAGS = [
  '--headless=new',
  '--no-sandbox', // which a container does not allow
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--remote-debugging-port=0',
];

/** A page in headless Chromium, over the protocol of its developer tools. */
export class Browser {
  readonly #child: ChildProcess;
  readonly #profile: string;
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (message: Message) => void>();
  #lastId = 0;
  #session = '';

  private constructor(child: ChildProcess, profile: string, socket: WebSocket) {
    this.#child = child;
    this.#profile = profile;
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Message;
      this.#answers.get(message.id)?.(message);
      this.#answers.delete(message.id);
    });
  }

  static async open(): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), 'bipoll-browser-'));
    const child = spawn('chromium', [...FLAGS, `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const said = await untilSaid(child, /ws:\/\/\S+\n/, 'stderr');
    const socket = new WebSocket(/ws:\/\/\S+/.exec(said)![0]);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    const browser = new Browser(child, profile, socket);
    const { targetId } = await browser.#call('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await browser.#call('Target.attachToTarget', { targetId, flatten: true });
    browser.#session = sessionId as string;
    return browser;
  }

  async show(url: string): Promise<void> {
    await this.#call('Page.enable');
    await this.#call('Page.navigate', { url });
  }

  /** The value of an expression in the page, awaited if it is a Promise. */
  async evaluate(expression: string): Promise<unknown> {
    const asked = { expression, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#call('Runtime.evaluate', asked);
    if (exceptionDetails) throw new Error(`${expression}: ${JSON.stringify(exceptionDetails)}`);
    return (result as { value?: unknown }).value;
  }

  async resize(width: number, height: number): Promise<void> {
    const size = { width, height, deviceScaleFactor: 1, mobile: false };
    await this.#call('Emulation.setDeviceMetricsOverride', size);
  }

  async prefer(scheme: 'dark' | 'light'): Promise<void> {
    const features = [{ name: 'prefers-color-scheme', value: scheme }];
    await this.#call('Emulation.setEmulatedMedia', { features });
  }

  /** Presses a key, such as `Enter` or a letter, and lets it go. */
  async press(key: string, text = key.length === 1 ? key : ''): Promise<void> {
    const code = { Enter: 13, Tab: 9, Escape: 27, ' ': 32 }[key];
    const event = { key, ...(code !== undefined && { windowsVirtualKeyCode: code }) };
    const typed = key === 'Enter' ? '\r' : text;
    await this.#call('Input.dispatchKeyEvent', { type: 'keyDown', ...event, text: typed });
    await this.#call('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  /** A picture of what is seen, as PNG. */
  async picture(): Promise<Buffer> {
    const { data } = await this.#call('Page.captureScreenshot');
    return Buffer.from(data as string, 'base64');
  }

  async close(): Promise<void> {
    const exit = new Promise((resolve) => this.#child.once('exit', resolve));
    await this.#call('Browser.close');
    await exit;
    this.#socket.close();
    // Its own children may be at work for a moment longer.
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 20 });
  }

  async #call(method: string, params: object = {}): Promise<Record<string, unknown>> {
    const id = ++this.#lastId;
    const sessionId = this.#session === '' ? {} : { sessionId: this.#session };
    const answer = new Promise<Message>((resolve) => this.#answers.set(id, resolve));
    this.#socket.send(JSON.stringify({ id, method, params, ...sessionId }));
    const { result, error } = await answer;
    if (!result) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result;
  }
}

interface Message {
  readonly id: number;
  readonly result?: Record<string, unknown>;
  readonly error?: unknown;
}

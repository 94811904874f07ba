import { lines } from 'bipoll/framing';
import { inspect, type InspectOptions, type LiveView } from 'bipoll/inspect';
import { Browser } from '../support/Browser';
import { until } from '../support/until';
import { whereInstalled } from '../support/whereInstalled';
import { connectedPair } from './connections';

whereInstalled('chromium')('the page in Chromium', () => {
  let browser: Browser;
  let view: LiveView;
  beforeAll(async () => {
    browser = await Browser.open();
  });
  afterAll(async () => {
    await browser.close();
  });
  async function show(options?: InspectOptions): Promise<void> {
    view = await inspect(options);
    await browser.resize(1200, 800);
    await browser.show(view.url);
    await untilPage(`document.querySelector('#state')?.textContent === 'live'`);
  }
  beforeEach(() => show());
  afterEach(() => {
    view.close();
  });

  /** Waits until an expression holds in the page. */
  async function untilPage(expression: string): Promise<void> {
    let holds = false;
    let isAsking = false;
    await until(() => {
      if (!isAsking && !holds) {
        isAsking = true;
        void browser.evaluate(expression).then((value) => {
          holds = value === true;
          isAsking = false;
        });
      }
      return holds;
    }, expression);
  }

  const textOf = (selector: string) =>
    browser.evaluate(`document.querySelector('${selector}').textContent`);
  const isVisible = (id: number) =>
    `[...document.querySelectorAll('#rows li:not([hidden])')].some((row) => row.textContent.includes('#${id} '))`;

  async function talk(): Promise<number> {
    const [left, right] = connectedPair();
    right.data$.subscribe();
    left.write('hello <b>you</b>');
    await untilPage(isVisible(right.id));
    await untilPage(`document.querySelector('#figures').textContent.includes('in16 B')`);
    return right.id;
  }

  test('shows connections and figures, and draws their marbles', async () => {
    await talk();
    expect(await textOf('#figures')).toMatch(/opened2.*in16 B/);
    expect(await browser.evaluate(`document.querySelector('#empty').hidden`)).toBe(true);
    await untilPage(`[...document.querySelectorAll('#rows canvas')].every((canvas) =>
      canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0))`);
  });

  test('is worked by keys: pause, filter, open, close', async () => {
    const id = await talk();
    await browser.press(' ');
    expect(await textOf('#pause')).toBe('Go on');
    await browser.press('End');
    expect(await textOf('#pause')).toBe('Pause');
    await browser.press('ArrowLeft');
    await untilPage(`/^-1\\.\\d s$/.test(document.querySelector('#where').textContent)`);
    await browser.press('/');
    for (const key of `#${id}`) await browser.press(key);
    await untilPage(`document.querySelectorAll('#rows li:not([hidden])').length === 1`);
    for (const key of ['Tab', 'Tab', 'Tab', 'Tab']) await browser.press(key); // span, scroll, the legend, the row
    expect(await browser.evaluate(`document.activeElement.textContent`)).toContain(`#${id} `);
    await browser.press('Enter');
    await untilPage(`document.querySelector('#bytes').textContent.includes('hello')`);
    await browser.press('Escape');
    await untilPage(`!document.querySelector('#opened').open`);
  });

  const openRow = (id: number) =>
    browser.evaluate(
      `[...document.querySelectorAll('#rows button')].find((each) => each.textContent.includes('#${id} ')).click()`,
    );
  const choose = (codec: string) =>
    browser.evaluate(`{
      const select = document.querySelector('#codec');
      select.value = '${codec}';
      select.dispatchEvent(new Event('change'));
    }`);
  const listed = (className: string) =>
    browser.evaluate(
      `[...document.querySelectorAll('#bytes .${className}')].map((each) => each.textContent.split('\\n')[1] ?? each.textContent)`,
    );

  test('shows the frames of an opened connection as they come, by keys alone', async () => {
    const [left, right] = connectedPair();
    right.data$.subscribe();
    left.write('one\ntwo\nthr');
    await untilPage(isVisible(right.id));
    await openRow(right.id);
    await untilPage(`document.querySelector('#bytes').textContent.includes('one')`);
    expect(await textOf('#decoded')).toBe('Chunks from the first on, as far as they are kept: 1.');
    for (const key of ['Tab', 'l', 'i', 'n', 'e', 's']) await browser.press(key);
    expect(await browser.evaluate(`document.activeElement.id`)).toBe('codec');
    await untilPage(
      `document.querySelector('#decoded').textContent.startsWith('in: 2 frames, 3 B')`,
    );
    expect(await listed('in')).toEqual(['one', 'two']);
    left.write('ee\n');
    await untilPage(`document.querySelectorAll('#bytes .in').length === 3`);
    expect(await listed('in')).toEqual(['one', 'two', 'three']);
    expect(await textOf('#decoded')).toBe('in: 3 frames; out: 0 frames');
    await untilPage(`(({ width, height }, context) => context.getImageData(0, 0, width, height).data.some((byte) => byte > 0))(
      document.querySelector('#marbles'), document.querySelector('#marbles').getContext('2d'))`);
    await choose('');
    await untilPage(
      `document.querySelector('#decoded').textContent.includes('as far as they are kept')`,
    );
  });

  test('says where decoding has failed, and goes on in the other direction', async () => {
    const [left, right] = connectedPair();
    right.data$.subscribe();
    left.write('{}\nno JSON\n');
    right.write('1\n');
    await untilPage(isVisible(right.id));
    await openRow(right.id);
    await untilPage(`document.querySelector('#bytes').textContent.includes('JSON')`);
    await choose('ndjson');
    await untilPage(`document.querySelectorAll('#bytes .bad').length === 1`);
    expect(await listed('bad')).toEqual([expect.stringContaining('ERR_FRAME_MALFORMED')]);
    expect(await listed('out')).toEqual(['1']);
    await untilPage(
      `document.querySelector('#decoded').textContent === 'in: 1 frame, then an error; out: 1 frame'`,
    );
  });

  test('shows the frames of the service’s codec at once, if it has named one', async () => {
    const isOffered = `!document.querySelector('#codec [value=service]').hidden`;
    expect(await browser.evaluate(isOffered)).toBe(false);
    view.close();
    await show({ frames: lines() });
    await openRow(await talk());
    await untilPage(
      `document.querySelector('#decoded').textContent.startsWith('in: 0 frames, 16 B')`,
    );
    expect(await browser.evaluate(isOffered)).toBe(true);
    expect(await browser.evaluate(`document.querySelector('#codec').value`)).toBe('service');
  });

  test('says so when the service that gives the frames has ended', async () => {
    const id = await talk();
    await openRow(id);
    await untilPage(`document.querySelector('#bytes').textContent.includes('hello')`);
    await choose('lines');
    await untilPage(`document.querySelector('#decoded').textContent.startsWith('in: 0 frames')`);
    view.close();
    await untilPage(
      `document.querySelector('#decoded').textContent === 'The service does not answer.'`,
    );
  });

  test('shows the bytes of a connection as text alone, or as hex, and saves it', async () => {
    const id = await talk();
    await openRow(id);
    await untilPage(`document.querySelector('#bytes').textContent.includes('hello <b>you</b>')`);
    expect(await browser.evaluate(`document.querySelectorAll('#bytes b').length`)).toBe(0);
    await browser.evaluate(`document.querySelector('#hex').click()`);
    expect(await textOf('#bytes')).toContain('68 65 6c 6c 6f');
    await browser.evaluate(`document.querySelector('#saving').click()`);
    await untilPage(
      `document.querySelector('#saved').textContent === 'Saved as connection-${id}.test.ts.'`,
    );
  });

  test.each([
    [1200, 'light', 'rgb(255, 255, 255)'],
    [380, 'dark', 'rgb(13, 17, 23)'],
  ] as const)('fits a width of %d, and is %s as the system is', async (width, scheme, colour) => {
    await browser.resize(width, 800);
    await browser.prefer(scheme);
    await openRow(await talk());
    await untilPage(`document.querySelector('#bytes').textContent.includes('hello')`);
    await choose('content-length');
    await untilPage(`document.querySelector('#decoded').textContent.startsWith('in: 0 frames')`);
    const overflow = `document.documentElement.scrollWidth > ${width} ||
      document.querySelector('#opened').scrollWidth > document.querySelector('#opened').clientWidth`;
    expect(await browser.evaluate(overflow)).toBe(false);
    expect(await browser.evaluate(`getComputedStyle(document.body).backgroundColor`)).toBe(colour);
  });

  test('says so when the service has ended', async () => {
    view.close();
    await untilPage(
      `document.querySelector('#state').textContent === 'the service does not answer'`,
    );
  });
});

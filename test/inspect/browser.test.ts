import { type Browser, chromium, type Page } from 'playwright-core';
import { lines } from 'bipoll/framing';
import { inspect, type InspectOptions, type LiveView } from 'bipoll/inspect';
import { PATIENCE } from '../support/patience';
import { unwatched, whereInstalled } from '../support/whereInstalled';
import { connectedPair } from './connections';

const CHROMIUM = '/usr/bin/chromium'; // of Debian
const FLAGS = ['--disable-gpu', '--disable-background-networking', '--disable-component-update'];

whereInstalled(CHROMIUM)('the page in Chromium', () => {
  let browser: Browser;
  let page: Page;
  let view: LiveView;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS, env: unwatched });
  });
  afterAll(async () => {
    await browser.close();
  });

  async function show(options?: InspectOptions): Promise<void> {
    view = await inspect(options);
    await page.goto(view.url);
    await has('#state', 'live');
  }
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
    page.setDefaultTimeout(PATIENCE);
    await show();
  });
  afterEach(async () => {
    view.close();
    await page.close();
  });

  /** Waits until an element reads so, whatever else it has. */
  const has = (selector: string, text: string | RegExp) =>
    page.locator(selector).filter({ hasText: text }).waitFor();
  const rowOf = (id: number) => page.locator('#rows li').filter({ hasText: `#${id} ` });
  const bytes = () => page.locator('#bytes');
  const listed = async (className: string) => {
    const texts = await bytes().locator(`.${className}`).allInnerTexts();
    return texts.map((text) => text.split('\n')[1] ?? text);
  };
  /** Waits until something was drawn on each of these canvases. */
  async function drawn(selector: string): Promise<void> {
    const areDrawn = `[...document.querySelectorAll('${selector}')].every((canvas) =>
      canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0))`;
    while (!(await page.evaluate(areDrawn))) await page.waitForTimeout(20);
  }

  async function talk(): Promise<number> {
    const [left, right] = connectedPair();
    right.data$.subscribe();
    left.write('hello <b>you</b>');
    await rowOf(right.id).waitFor();
    await has('#figures', 'in16 B');
    return right.id;
  }
  const open = (id: number) => rowOf(id).getByRole('button').click();
  const choose = (codec: string) => page.locator('#codec').selectOption(codec);

  test('shows connections and figures, and draws their marbles', async () => {
    await talk();
    await has('#figures', /opened2.*in16 B/);
    expect(await page.locator('#empty').isVisible()).toBe(false);
    await drawn('#rows canvas');
  });

  test('is worked by keys: pause, filter, open, close', async () => {
    const id = await talk();
    const { keyboard } = page;
    await keyboard.press(' ');
    await has('#pause', 'Go on');
    await keyboard.press('End');
    await has('#pause', 'Pause');
    await keyboard.press('ArrowLeft');
    await has('#where', /^-1\.\d s$/);
    await keyboard.press('/');
    await keyboard.type(`#${id}`);
    await page.locator('#rows li:visible').nth(1).waitFor({ state: 'hidden' });
    // The span, the scroll bar, the legend, the row.
    for (let stop = 0; stop < 4; stop++) await keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toContain(`#${id} `);
    await keyboard.press('Enter');
    await has('#bytes', 'hello');
    await keyboard.press('Escape');
    await page.locator('#opened').waitFor({ state: 'hidden' });
  });

  test('shows the frames of an opened connection as they come, by keys alone', async () => {
    const [left, right] = connectedPair();
    right.data$.subscribe();
    left.write('one\ntwo\nthr');
    await open(right.id);
    await has('#bytes', 'one');
    await has('#decoded', 'Chunks from the first on, as far as they are kept: 1.');
    await page.keyboard.press('Tab');
    await page.keyboard.type('lines');
    expect(await page.locator(':focus').getAttribute('id')).toBe('codec');
    await has('#decoded', /^in: 2 frames, 3 B/);
    expect(await listed('in')).toEqual(['one', 'two']);
    left.write('ee\n');
    await has('#decoded', /^in: 3 frames; out: 0 frames$/);
    expect(await listed('in')).toEqual(['one', 'two', 'three']);
    await drawn('#marbles');
    await choose('');
    await has('#decoded', 'as far as they are kept');
  });

  test('says where decoding has failed, and goes on in the other direction', async () => {
    const [left, right] = connectedPair();
    right.data$.subscribe();
    left.write('{}\nno JSON\n');
    right.write('1\n');
    await open(right.id);
    await has('#bytes', 'JSON');
    await choose('ndjson');
    await has('#decoded', /^in: 1 frame, then an error; out: 1 frame$/);
    expect(await listed('bad')).toEqual([expect.stringContaining('ERR_FRAME_MALFORMED')]);
    expect(await listed('out')).toEqual(['1']);
  });

  test('shows the frames of the service’s codec at once, if it has named one', async () => {
    const isOffered = () => page.locator('#codec [value=service]:not([hidden])').count();
    expect(await isOffered()).toBe(0);
    view.close();
    await show({ frames: lines() });
    await open(await talk());
    await has('#decoded', /^in: 0 frames, 16 B/);
    expect(await isOffered()).toBe(1);
    expect(await page.locator('#codec').inputValue()).toBe('service');
  });

  test('says so when the service that gives the frames has ended', async () => {
    await open(await talk());
    await has('#bytes', 'hello');
    await choose('lines');
    await has('#decoded', /^in: 0 frames/);
    view.close();
    await has('#decoded', /^The service does not answer\.$/);
  });

  test('shows the bytes of a connection as text alone, or as hex, and saves it', async () => {
    const id = await talk();
    await open(id);
    await has('#bytes', 'hello <b>you</b>');
    expect(await bytes().locator('b').count()).toBe(0);
    await page.locator('#hex').click();
    await has('#bytes', '68 65 6c 6c 6f');
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('#saving').click(),
    ]);
    expect(saved.suggestedFilename()).toBe(`connection-${id}.test.ts`);
    await has('#saved', `Saved as connection-${id}.test.ts.`);
  });

  test.each([
    [1200, 'light', 'rgb(255, 255, 255)'],
    [380, 'dark', 'rgb(13, 17, 23)'],
  ] as const)('fits a width of %d, and is %s as the system is', async (width, scheme, colour) => {
    await page.setViewportSize({ width, height: 800 });
    await page.emulateMedia({ colorScheme: scheme });
    await open(await talk());
    await has('#bytes', 'hello');
    await choose('content-length');
    await has('#decoded', /^in: 0 frames/);
    const overflowing = `['html', '#opened'].map((selector) => document.querySelector(selector))
      .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).length`;
    expect(await page.evaluate(overflowing)).toBe(0);
    const background = `getComputedStyle(document.body).backgroundColor`;
    expect(await page.evaluate(background)).toBe(colour);
  });

  test('says so when the service has ended', async () => {
    view.close();
    await has('#state', /^the service does not answer$/);
  });
});

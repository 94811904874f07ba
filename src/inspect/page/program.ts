import type { Batch } from '../wire';
import { Details } from './Details';
import { cleared, coloursNow, drawAxis } from './drawing';
import { element } from './element';
import { figuresOf, noticeOf } from './figures';
import { LaneList } from './LaneList';
import { Model } from './Model';
import { TimeLine } from './TimeLine';

/** Milliseconds between pictures. */
const FRAME = 40;

const model = new Model();
const line = new TimeLine();
const details = new Details();
const list = new LaneList(element('rows', HTMLElement), (id) => {
  details.open(id);
});
const axis = element('axis', HTMLCanvasElement);
const pause = element('pause', HTMLButtonElement);
const filter = element('filter', HTMLInputElement);
const span = element('span', HTMLSelectElement);
const scroll = element('scroll', HTMLInputElement);
const state = element('state', HTMLElement);

/** The service's clock is ahead of ours by so much. */
let ahead: number | null = null;
const now = () => performance.now() + (ahead ?? 0);

// ---- What the service tells ----

const source = new EventSource('events');
source.addEventListener('open', () => {
  model.clear();
  ahead = null;
  say('live', false);
});
source.addEventListener('error', () => {
  say('the service does not answer', true);
});
source.addEventListener('message', ({ data }) => {
  const batch = JSON.parse(data as string) as Batch;
  // The batch that was least under way says best how far the clocks are apart.
  ahead = Math.max(ahead ?? -Infinity, batch.time - performance.now());
  model.apply(batch);
  list.update(model);
  details.update(model);
  showFigures();
});

function say(text: string, isLost: boolean): void {
  state.textContent = text;
  state.classList.toggle('lost', isLost);
}

function showFigures(): void {
  const pairs = figuresOf(model).map(([name, text]) => {
    const pair = document.createElement('div');
    pair.append(document.createElement('dt'), document.createElement('dd'));
    pair.firstElementChild!.textContent = name;
    pair.lastElementChild!.textContent = text;
    return pair;
  });
  element('figures', HTMLElement).replaceChildren(...pairs);
  const notice = element('notice', HTMLElement);
  const text = noticeOf(model);
  notice.hidden = text === null;
  if (text !== null) notice.textContent = text;
  element('empty', HTMLElement).hidden = model.lanes.size > 0;
}

// ---- What is drawn ----

let drawnAt = 0;
function draw(time: number): void {
  requestAnimationFrame(draw);
  if (time - drawnAt < FRAME) return;
  drawnAt = time;
  const present = now();
  const colours = coloursNow();
  drawAxis(cleared(axis), line, present, colours);
  list.draw(model, line, present, colours);
  details.draw(model, line, present, colours);
  const before = Math.max(0, present - line.end(present)) / 1000;
  element('where', HTMLElement).textContent = line.isLive ? 'now' : `-${before.toFixed(1)} s`;
  if (document.activeElement !== scroll) scroll.value = String(-before);
}
requestAnimationFrame(draw);

// ---- What the user does ----

function setPaused(isPaused: boolean): void {
  if (isPaused) line.pause(now());
  else line.resume();
  showPaused();
}

function showPaused(): void {
  pause.setAttribute('aria-pressed', String(!line.isLive));
  pause.textContent = line.isLive ? 'Pause' : 'Go on';
}

function scrollBy(spans: number): void {
  line.scroll(spans * line.span, now());
  showPaused();
}

pause.addEventListener('click', () => {
  setPaused(line.isLive);
});
span.addEventListener('change', () => {
  line.span = Number(span.value);
});
scroll.addEventListener('input', () => {
  line.scrollTo(-Number(scroll.value) * 1000, now());
  showPaused();
});
filter.addEventListener('input', () => {
  list.filter = filter.value.trim();
  list.update(model);
});

const KEYS: Readonly<Record<string, () => void>> = {
  ' ': () => {
    setPaused(line.isLive);
  },
  ArrowLeft: () => {
    scrollBy(-0.1);
  },
  ArrowRight: () => {
    scrollBy(0.1);
  },
  End: () => {
    setPaused(false);
  },
  '/': () => {
    filter.focus();
  },
};

addEventListener('keydown', (event) => {
  const { key, target, ctrlKey, metaKey, altKey } = event;
  const isTyping =
    target instanceof HTMLElement && target.matches('input, select, button, summary');
  // A button is pressed by the space bar; all other keys have their meaning there too.
  const isTaken = isTyping && !(target.matches('button') && key !== ' ');
  if (details.isOpen || ctrlKey || metaKey || altKey || isTaken) return;
  const act = KEYS[key];
  if (!act) return;
  event.preventDefault();
  act();
});

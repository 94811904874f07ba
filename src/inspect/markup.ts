import { codecsByName } from '../framing/codecsByName';
import { SERVICE_CODEC } from './wire';

const CODECS = Object.keys(codecsByName)
  .map((name) => `<option>${name}</option>`)
  .join('');

/** The page's body: what its program fills in has an id. */
export const MARKUP = `<body>
<header>
<h1>bipoll <span id="state" role="status">connecting</span></h1>
<dl id="figures" aria-label="Since this page was opened"></dl>
<p id="notice" role="status" hidden></p>
<div id="controls" role="toolbar" aria-label="Time line">
<button id="pause" type="button" aria-pressed="false" aria-keyshortcuts="Space">Pause</button>
<label>Filter <input id="filter" type="search" placeholder="7000, open, held, failed" aria-keyshortcuts="/" spellcheck="false"></label>
<label>Span <select id="span"><option value="2000">2 s</option><option value="10000" selected>10 s</option><option value="60000">1 min</option></select></label>
<label class="wide">Scroll <input id="scroll" type="range" min="-300" max="0" step="0.5" value="0" aria-describedby="where"></label>
<output id="where">now</output>
</div>
<details id="legend"><summary>Marks and keys</summary>
<p>Above the line: what came in. Below it: what went out. A filled dot is a chunk, larger for more bytes; a bar is an end, a cross a reset or a failure, a ring the opening. A shaded stretch was held back; a dashed edge is a queue that waits.</p>
<p><kbd>Space</kbd> pauses, <kbd>←</kbd> <kbd>→</kbd> scroll, <kbd>End</kbd> goes back to now, <kbd>/</kbd> filters, <kbd>Enter</kbd> on a connection opens it, <kbd>Esc</kbd> closes it. Opened, it shows its bytes as chunks, or as the frames of a codec: then a dot is a frame.</p>
</details>
</header>
<main>
<canvas id="axis" aria-hidden="true"></canvas>
<ul id="rows" aria-label="Connections"></ul>
<p id="empty">No connection has done anything since this page was opened.</p>
</main>
<dialog id="opened" aria-labelledby="title">
<header><h2 id="title"></h2><button id="shut" type="button" aria-label="Close">✕</button></header>
<p id="about"></p>
<canvas id="marbles" aria-hidden="true"></canvas>
<div role="toolbar" aria-label="Bytes"><label>Show <select id="codec"><option value="">chunks</option><optgroup label="frames"><option value="${SERVICE_CODEC}" hidden>the service’s codec</option>${CODECS}</optgroup></select></label> <label><input id="hex" type="checkbox"> Hex</label> <button id="again" type="button">Read again</button></div>
<p id="decoded"></p>
<pre id="bytes" tabindex="0" aria-label="Bytes"></pre>
<form id="save">
<h3>Save as a marble test</h3>
<label>Import from <input name="from" value="./service" required></label>
<label>Handler <input name="handler" value="handle" required></label>
<label>Runner <select name="runner"><option>jest</option><option>vitest</option></select></label>
<label>Compare <select name="compare"><option value="times">times</option><option value="order">order</option></select></label>
<button id="saving">Save</button>
<p id="saved" role="status"></p>
</form>
</dialog>
</body>`;

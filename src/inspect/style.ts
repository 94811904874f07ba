/** The page's style: light or dark as the system is, narrow or wide. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --faint: #59636e; --rule: #d1d9e0; --in: #0969da; --out: #a04100; --bad: #b8232f; --held: #bf870033; --accent: #0969da; }
@media (prefers-color-scheme: dark) { :root { --paper: #0d1117; --ink: #e6edf3; --faint: #9198a1; --rule: #30363d; --in: #58a6ff; --out: #f0883e; --bad: #ff7b72; --held: #d2992240; --accent: #58a6ff; } }
* { box-sizing: border-box; }
body { margin: 0; font: 14px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
body > header { position: sticky; top: 0; z-index: 1; padding: 10px 16px; background: var(--paper); border-bottom: 1px solid var(--rule); }
h1 { margin: 0; font-size: 16px; display: flex; gap: 8px; align-items: center; }
#state { font-size: 12px; font-weight: 400; padding: 0 8px; border: 1px solid var(--rule); border-radius: 9px; color: var(--faint); }
#state.lost { color: var(--bad); border-color: var(--bad); }
dl { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 6px 0; }
dl div { display: flex; gap: 6px; }
dt { color: var(--faint); } dd { margin: 0; font-variant-numeric: tabular-nums; min-width: 4ch; }
#notice { margin: 4px 0; padding: 2px 8px; border-left: 3px solid var(--out); background: var(--held); }
#controls, dialog [role=toolbar] { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; }
label { display: inline-flex; gap: 6px; align-items: center; color: var(--faint); }
label.wide { flex: 1 1 160px; } label.wide input { flex: 1; min-width: 80px; }
#where { min-width: 8ch; font-variant-numeric: tabular-nums; }
button, input, select { font: inherit; color: var(--ink); background: var(--paper); border: 1px solid var(--rule); border-radius: 6px; padding: 3px 10px; }
button { cursor: pointer; } button[aria-pressed=true] { color: var(--paper); background: var(--accent); border-color: var(--accent); }
input[type=range] { padding: 0; accent-color: var(--accent); } button:disabled { opacity: .5; cursor: default; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
#legend { margin-top: 6px; color: var(--faint); } #legend p { margin: 4px 0; max-width: 90ch; }
kbd { font: 12px ui-monospace, monospace; border: 1px solid var(--rule); border-radius: 4px; padding: 0 4px; }
main { padding: 0 16px 24px; }
canvas { display: block; width: 100%; }
#axis { height: 20px; width: calc(100% - 290px); margin-left: 290px; }
#rows { list-style: none; margin: 0; padding: 0; }
#rows li { display: grid; grid-template-columns: 280px 1fr; gap: 10px; align-items: center; border-bottom: 1px solid var(--rule); }
#rows li[hidden], [hidden] { display: none !important; }
#rows button { border: 0; padding: 6px 4px; text-align: left; min-width: 0; background: none; width: 100%; }
#rows b { display: block; font-weight: 500; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
#rows small { color: var(--faint); font-variant-numeric: tabular-nums; } #rows .failed small { color: var(--bad); } #rows .closed b { color: var(--faint); }
#rows canvas { height: 44px; }
#empty { color: var(--faint); }
dialog { width: min(860px, calc(100vw - 24px)); max-height: calc(100vh - 24px); color: var(--ink); background: var(--paper); border: 1px solid var(--rule); border-radius: 10px; padding: 16px; }
dialog::backdrop { background: #0008; }
dialog header { display: flex; justify-content: space-between; gap: 8px; } h2 { font-size: 15px; margin: 0; overflow-wrap: anywhere; } h3 { font-size: 14px; margin: 12px 0 0; flex-basis: 100%; }
#about, #decoded { color: var(--faint); margin: 6px 0; } #decoded { font-variant-numeric: tabular-nums; }
#marbles { height: 44px; margin: 8px 0; border-bottom: 1px solid var(--rule); }
#bytes { font: 12px/1.5 ui-monospace, monospace; height: min(320px, 40vh); overflow: auto; padding: 8px; margin: 8px 0; border: 1px solid var(--rule); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; }
#bytes .in { color: var(--in); } #bytes .out { color: var(--out); } #bytes .note { color: var(--faint); font-style: italic; } #bytes .bad { color: var(--bad); }
form { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; } form p { flex-basis: 100%; margin: 0; min-height: 1.4em; }
form input { width: 12ch; }
@media (max-width: 720px) { #rows li { grid-template-columns: 1fr; gap: 0; } #axis { width: 100%; margin-left: 0; } #rows button { padding-bottom: 0; } body > header { position: static; } }
`;

// The pages of the site, in the order in which they are read.
import { existsSync } from 'node:fs';

/** Written by `npm run bench -- --document`, on a quiet machine. */
const hasFigures = existsSync(new URL('../explanations/figures.md', import.meta.url));

/** @typedef {{ text: string, link: string }} Page */

/** @type {(folder: string, pages: Record<string, string>) => Page[]} */
const pagesOf = (folder, pages) =>
  Object.entries(pages).map(([name, text]) => ({ text, link: `/${folder}/${name}` }));

export const sidebar = [
  {
    text: 'Start',
    items: pagesOf('start', {
      install: 'Install',
      script: 'Five minutes: a script',
      service: 'Five minutes: a service',
      tests: 'Five minutes: its tests',
    }),
  },
  { text: 'The command line', items: [{ text: 'npx bipoll', link: '/command-line' }] },
  {
    text: 'How to: scripts',
    collapsed: false,
    items: pagesOf('how-to', {
      'wait-for-a-port': 'Wait for a port',
      'line-from-stdin': 'Read a line from stdin in time',
      'ask-a-server': 'Ask a server, and give up',
      'serve-many': 'Serve many from one script',
      'half-close': 'End one half of a connection',
      'pass-descriptors': 'Pass descriptors',
    }),
  },
  {
    text: 'How to: services',
    collapsed: false,
    items: pagesOf('how-to', {
      'shut-down': 'Shut down in order',
      'slow-clients': 'Serve slow clients',
      broadcast: 'Broadcast',
      reconnect: 'Request and response, with reconnection',
      'rate-limits': 'Limit a rate',
      tls: 'TLS and STARTTLS',
      authorize: 'Authorize by user',
      'socket-activation': 'Start by socket activation',
      'syslog-and-notify': 'Syslog and sd_notify',
      metrics: 'Metrics',
      logging: 'Log',
      'live-view': 'See what happens, live',
    }),
  },
  {
    text: 'How to: tests and shipping',
    collapsed: false,
    items: pagesOf('how-to', {
      marbles: 'Test with marbles',
      record: 'Record a session',
      bundle: 'Containers, bundles, single executables',
      workers: 'Workers and cluster',
    }),
  },
  {
    text: 'Coming from',
    collapsed: false,
    items: pagesOf('from', {
      'node-net': 'node:net',
      python: "Python's socket",
      'rxjs-websocket': "rxjs' webSocket",
      'basic-binary-ipc': 'basic-binary-ipc',
    }),
  },
  {
    text: 'Explanations',
    collapsed: false,
    items: [
      ...pagesOf('explanations', {
        'how-it-works': 'How it works',
        platforms: 'Platforms',
        performance: 'Performance',
        ...(hasFigures && { figures: 'Figures' }),
        security: 'Security',
        'what-it-does-not-do': 'What it does not do',
      }),
      { text: 'When the system fails', link: '/faults' },
      { text: 'Hostile peers', link: '/hostile' },
    ],
  },
  {
    text: 'Reference',
    collapsed: false,
    items: [
      ...pagesOf('reference', {
        pictures: 'Operators in pictures',
        errors: 'Errors by code',
        channels: 'Diagnostics channels',
        environment: 'Environment variables and warnings',
      }),
      { text: 'bipoll', link: '/reference/api/bipoll' },
      ...['sync', 'reactive', 'framing', 'streams', 'tls', 'testing', 'inspect'].map((name) => ({
        text: `bipoll/${name}`,
        link: `/reference/api/bipoll/${name}`,
      })),
    ],
  },
];

import { defineConfig } from 'vitepress';
import { sidebar } from './sidebar.mjs';

export default defineConfig({
  title: 'bipoll',
  description: 'TCP and local sockets for Node.js: blocking calls with a timeout, and Observables',
  cleanUrls: true,
  lastUpdated: false,
  vite: { build: { chunkSizeWarningLimit: 1000 } }, // the index of the search
  themeConfig: {
    nav: [
      { text: 'Start', link: '/start/install' },
      { text: 'How to', link: '/how-to/wait-for-a-port' },
      { text: 'Explanations', link: '/explanations/how-it-works' },
      { text: 'Reference', link: '/reference/errors' },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
  },
});

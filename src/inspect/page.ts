import { createHash } from 'node:crypto';
import { MARKUP } from './markup';
import program from './page/program.ts?text';
import { STYLE } from './style';

const sourceOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** The whole page: it asks for nothing but what happens. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>bipoll: live view</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
${MARKUP}
<script>${program}</script>
</html>
`;

/** Lets the page run its own program alone, and nobody frame it. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `script-src ${sourceOf(program)}`,
  `style-src ${sourceOf(STYLE)}`,
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

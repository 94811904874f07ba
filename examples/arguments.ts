import { parseArgs } from 'node:util';

/** Where to listen or to connect to, as the examples take it: `--path PATH`, or `[HOST] PORT`. */
export type Target = { path: string } | { host: string; port: number };

export interface Arguments {
  target: Target;
  /** What stands behind the target. */
  rest: string[];
  listens: boolean;
}

/** Reads the command line of an example. Without a target it prints how to call it, and ends the process. */
export function readArguments(usage: string): Arguments {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      path: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string' },
      listen: { type: 'boolean', default: false },
    },
  });
  const listens = values.listen;
  if (values.path !== undefined)
    return { target: { path: values.path }, rest: positionals, listens };
  const port = Number(values.port);
  if (!Number.isInteger(port)) {
    console.error(`usage: ${usage}`);
    process.exit(2);
  }
  return { target: { host: values.host, port }, rest: positionals, listens };
}

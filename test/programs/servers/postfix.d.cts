/** Why none can be had here; undefined: it can. */
export const whyNoPostfix: string | undefined;

/** A Postfix that offers STARTTLS, with queues and settings of its own. */
export function postfix(): Promise<{
  readonly target: { host: string; port: number };
  /** Whom to believe: it is for `localhost`. */
  readonly cert: Buffer;
  stop(): void;
}>;

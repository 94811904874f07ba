import {
  checkBoolean,
  invalidValue,
  mergedOptions,
  type OptionNames,
  optionsOf,
  partOf,
} from '../../core/argument';
import { checkHandshake, checkSide } from '../../handshake/checkHandshake';
import { CONTEXT_OPTIONS, type ContextOptions } from '../../handshake/contextOptions';
import {
  PLAIN_HANDSHAKE_OPTIONS,
  type PlainHandshakeOptions,
} from '../../handshake/handshakeOptions';
import type { Deadline } from '../Deadline';
import { BLOCKING_OPTIONS, type BlockingOptions, checkedDeadline } from '../options';

/** What the verbs of TLS take: of `node:tls`, with its names and meaning, all that is text, numbers or bytes. */
export interface PlainTlsOptions extends ContextOptions, PlainHandshakeOptions {}

/** What a verb takes that shakes hands as a client, or as a server. */
export type SecuringOptions = BlockingOptions & PlainTlsOptions;

/** @see startTls */
export type StartTlsOptions = SecuringOptions & {
  /** Which side we are; false by default: the client. */
  isServer?: boolean;
};

const SECURING_OPTIONS: OptionNames<SecuringOptions> = {
  ...BLOCKING_OPTIONS,
  ...CONTEXT_OPTIONS,
  ...PLAIN_HANDSHAKE_OPTIONS,
};
const START_TLS_OPTIONS: OptionNames<StartTlsOptions> = { ...SECURING_OPTIONS, isServer: true };

/** Checked options of one handshake. */
export interface Securing {
  readonly deadline: Deadline;
  readonly isServer: boolean;
  readonly context: ContextOptions;
  readonly handshake: PlainHandshakeOptions;
}

/** Checks the options of a verb that shakes hands on either side. */
export function startingOf(options: StartTlsOptions): Securing {
  const own = optionsOf('options', options, START_TLS_OPTIONS);
  return checkedSecuring(own, checkBoolean('isServer', own.isServer ?? false));
}

/** The same for one whose side is known. @param defaults are for what the options leave out */
export function securingOf(
  options: SecuringOptions,
  isServer: boolean,
  defaults: PlainHandshakeOptions,
): Securing {
  const own = optionsOf('options', options, SECURING_OPTIONS);
  return checkedSecuring(mergedOptions(defaults, own), isServer);
}

function checkedSecuring(own: SecuringOptions, isServer: boolean): Securing {
  const { rejectUnauthorized = true, requestCert = false } = own;
  checkSide(own, isServer);
  checkHandshake(own);
  const deadline = checkedDeadline(own);
  const handshake = partOf<PlainHandshakeOptions>(own, PLAIN_HANDSHAKE_OPTIONS);
  return {
    deadline,
    isServer,
    context: checkSendable(partOf<ContextOptions>(own, CONTEXT_OPTIONS)),
    handshake: checkSendable({ ...handshake, rejectUnauthorized, requestCert }),
  };
}

/** Refuses here what could not be sent to the thread that does TLS. */
function checkSendable<Part extends object>(part: Part): Part {
  for (const [name, value] of Object.entries(part)) {
    try {
      structuredClone(value);
    } catch (cause) {
      throw invalidValue(name, 'must be text, numbers or bytes', value, { cause });
    }
  }
  return part;
}

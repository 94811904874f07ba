import type { OptionNames } from '../core/argument';

/** Parts options that were read: those of these names, and the others. */
export function splitOptions<Others extends object, Part extends object>(
  options: Others & Part,
  names: OptionNames<Part>,
): [Part, Others] {
  const [part, others]: Record<string, unknown>[] = [{}, {}];
  for (const [name, value] of Object.entries(options)) {
    (Object.hasOwn(names, name) ? part : others)![name] = value;
  }
  return [part as Part, others as Others];
}

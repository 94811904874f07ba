/** Untyped on purpose: src/core/native.ts declares what the addon holds. */
declare const binding: unknown;
export = binding;

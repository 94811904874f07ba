/** A program of TypeScript as the text of one script; see scripts/program. */
declare module '*?text' {
  const text: string;
  export default text;
}

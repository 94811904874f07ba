/** An element of the page's markup. */
export function element<Type extends HTMLElement>(id: string, ofClass: new () => Type): Type {
  const found = document.getElementById(id);
  if (found instanceof ofClass) return found;
  throw new Error(`The page lacks ${id}`);
}

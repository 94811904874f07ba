// Puts the packages into the bundle, which vite otherwise leaves to be imported.
export default {
  ssr: { noExternal: true },
  build: { rollupOptions: { output: { entryFileNames: '[name].mjs' } } },
};

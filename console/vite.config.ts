import { defineConfig } from 'vite'

export default defineConfig({
  root: new URL('.', import.meta.url).pathname,
  oxc: { jsx: { runtime: 'automatic' } },
  // The layout engine's worker alone is 1.6 MB; it is loaded when the first picture is shown.
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    chunkSizeWarningLimit: 1_800,
    assetsInlineLimit: 0,
    rolldownOptions: {
      onwarn(warning, warn) {
        // "use client" in the libraries means nothing here: everything is for the browser.
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning)
      },
    },
  },
})

/** Builds the page into build/web: index.html and hashed files, nothing inline, so that the strict CSP holds. */

import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: '../build/web',
    emptyOutDir: true,
    // The oldest browsers with WebAssembly SIMD; older ones get the same code and the scalar build.
    target: ['chrome91', 'firefox89', 'safari15'],
    assetsInlineLimit: 0, // bytes; data: URLs are forbidden by the CSP
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
})

/** Builds the page into build/web: index.html and hashed files, nothing inline, so that the strict CSP holds. */

import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: '../build/web',
    emptyOutDir: true,
    // The oldest browsers with the library of ES2023, which core/ relies on. Safari 16.0 to 16.3 lack SIMD.
    target: ['chrome110', 'firefox115', 'safari16'],
    assetsInlineLimit: 0, // bytes; data: URLs are forbidden by the CSP
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
  },
})

/** How the page is bundled: index.html and hashed files, nothing inline, so that the strict CSP holds. tools/build.ts writes it. */

import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  envDir: false, // what the page is made from is in the repository
  publicDir: false,
  build: {
    write: false,
    // The oldest browsers with the library of ES2023, which core/ relies on. Safari 16.0 to 16.3 lack SIMD.
    target: ['chrome110', 'firefox115', 'safari16'],
    assetsInlineLimit: 0, // bytes; data: URLs are forbidden by the CSP
    modulePreload: { polyfill: false },
  },
})

/** How the page is bundled: index.html and hashed files, nothing inline, so that the strict CSP holds. tools/build.ts writes it. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig, type Plugin } from 'vite'
import { parseServerAddress } from './api/server.ts'

// For development: the same page, under the same CSP, with a script that reloads it.
const reload: Plugin = {
  name: 'reload',
  transformIndexHtml: {
    order: 'pre',
    handler: () => [{ tag: 'script', attrs: { type: 'module', src: './views/reload.ts' } }],
  },
}

// The server that the page asks where it is hosted without one.
function builtFor(text = ''): string {
  const url = text && parseServerAddress(text)
  if (url === undefined) throw new Error(`INKLING_API must be an address such as http://phone.lan:8000/; it is ${text}`)
  return url
}

// The sizes of the generator of digits, whose weights are a file of the page.
const { generator } = JSON.parse(readFileSync(join(import.meta.dirname, '../weights/replay.json'), 'utf8')) as {
  generator: object
}

/** The bundler remarks on a slow machine that plugins take most of its time. They do. */
const QUIET = { checks: { pluginTimings: false } }

export default defineConfig(({ mode }) => ({
  root: import.meta.dirname,
  base: './', // the page may be served below any path
  envDir: false, // what the page is made from is in the repository
  publicDir: false,
  define: {
    INKLING_API: JSON.stringify(builtFor(process.env.INKLING_API)),
    INKLING_GENERATOR: JSON.stringify(generator),
  },
  worker: { format: 'es', rolldownOptions: QUIET },
  assetsInclude: ['**/*.safetensors'],
  plugins: mode === 'development' ? [reload] : [],
  build: {
    write: false,
    rolldownOptions: QUIET,
    // The oldest browsers with the library of ES2023, which core/ relies on. Safari 16.0 to 16.3 lack SIMD.
    target: ['chrome110', 'firefox115', 'safari16'],
    assetsInlineLimit: 0, // bytes; data: URLs are forbidden by the CSP
    modulePreload: { polyfill: false },
    sourcemap: mode === 'development',
    license: { fileName: 'licences.json' }, // of the libraries in it; tools/build/licences.ts reads it
  },
}))

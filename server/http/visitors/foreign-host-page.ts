/** What somebody sees whose browser came here by a name that this server does not know: the refusal as a page, without scripts. */

import { answer } from '../answer.ts'
import type { ForeignHostError } from './foreign-host.ts'

const STYLE = `
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
body { max-inline-size: 38rem; margin-inline: auto; padding: clamp(1.25rem, 6vw, 4rem) 1.25rem; }
h1 { font-size: 1.5rem; line-height: 1.25; text-wrap: balance; }
h2 { font-size: 1.0625rem; margin-block: 2rem 0.5rem; }
p { margin-block: 0.5rem; }
strong, code { overflow-wrap: anywhere; }
pre { margin-block: 0.5rem; padding: 0.75rem 1rem; border: 1px solid #8888; border-radius: 0.5rem; white-space: pre-wrap; }
code { font: 0.9375rem/1.5 ui-monospace, monospace; }
`

/** A test compares it with the style. */
const STYLE_DIGEST = 'sha256-p/ULVk1YxCNp8lt0CAL2k/mntzllZG/btoonbuP73Uw='

const POLICY = [
  "default-src 'none'",
  `style-src '${STYLE_DIGEST}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  'sandbox',
].join('; ')

/** Whether a browser opens a page, rather than a program asking. */
export function isNavigation({ method, headers }: Request): boolean {
  return (method === 'GET' || method === 'HEAD') && /\btext\/html\b/i.test(headers.get('accept') ?? '')
}

/** The refusal 421 as a page. */
export function foreignHostPage({ host, addable }: ForeignHostError): Response {
  const fields = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY, Vary: 'Accept' }
  return answer(pageOf(asText(host), asText(addable ?? 'digits.example.org')), fields, 421)
}

function pageOf(host: string, name: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Inkling does not know this name</title>
<style>${STYLE}</style>
<main>
<h1>Inkling does not know this name</h1>
<p>You came here by the name <strong>${host}</strong>. The server does not know it as one of its own, so it does not answer to it.
Somebody else may have made that name lead here, in order to use this server through your browser.</p>
<h2>If you are a visitor</h2>
<p>Ask whoever runs this server for its address.</p>
<h2>If this is your server</h2>
<p>Start it with this name:</p>
<pre><code>INKLING_HOSTS=${name}</code></pre>
<p>or with <code>--hosts ${name}</code>. Several names are separated by commas. Its IP address works without any setting.</p>
</main>
</html>
`
}

function asText(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
}

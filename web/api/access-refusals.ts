/** Refusals that are about the way from this page to the phone, not about what was sent: words for whoever has set up what is in between. */

const ACCESS: Readonly<Record<string, { readonly text: string; readonly remedy: string }>> = {
  cross_site: {
    text: 'The phone takes this page for another site’s, and refuses what it sends.',
    remedy:
      'A proxy in front of it changes the Host header. Let the proxy keep it, or start Inkling with --trust-proxy and the proxy’s address.',
  },
  foreign_host: {
    text: 'The phone does not answer to the name in this page’s address.',
    remedy: 'Start Inkling with --hosts and that name.',
  },
}

export interface AccessRefusal {
  readonly text: string // what is wrong
  readonly remedy: string // what mends it
}

/** The words for a refusal of this kind; undefined for any other. The phone's own reason counts where it names a setting. */
export function accessRefusal(code: string, detail: string): AccessRefusal | undefined {
  const known = Object.hasOwn(ACCESS, code) ? ACCESS[code] : undefined
  if (!known) return undefined
  const named = /--[a-z]|INKLING_/.test(detail)
  return { text: known.text, remedy: named ? `The phone says: ${detail.replace(/\.$/, '')}.` : known.remedy }
}

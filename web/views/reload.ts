/** Only in the page of `npm run dev`: reloads it once the server serves another one. The built page does not contain this. */

const INTERVAL = 500 // ms

let loaded: string | null = null // ETag of the page that is shown

async function check(): Promise<void> {
  const response = await fetch('./', { method: 'HEAD', cache: 'no-store' }).catch(() => undefined)
  if (!response?.ok) return // the server is restarting
  const served = response.headers.get('etag')
  if (loaded !== null && served !== loaded) location.reload()
  loaded ??= served
}

void check()
setInterval(check, INTERVAL)

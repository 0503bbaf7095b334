/** Fetches a file over HTTP into `<target>.part`, resuming an earlier attempt. It does not check the content as a whole. */

import { open, readFile, rm, stat, writeFile } from 'node:fs/promises'

const SILENCE = 30_000 // ms without a byte after which a server counts as dead

export interface TransferRequest {
  readonly url: string
  readonly part: string // path of the unfinished file; `<part>.json` beside it says what it is part of
  readonly limit: number // bytes; more are not accepted
  readonly magic: readonly number[] // first bytes of the right file, so that a page of HTML is noticed immediately
  readonly silence?: number // ms
  readonly progress?: (done: number, total: number | undefined) => void // bytes, including those of earlier attempts
  readonly signal?: AbortSignal
}

/** A transfer that failed; `resumable` if another request to the same server may help. */
export class TransferError extends Error {
  readonly resumable: boolean

  constructor(detail: string, resumable: boolean) {
    super(detail)
    this.name = 'TransferError'
    this.resumable = resumable
  }
}

// What a partial file belongs to. `validator` (a strong ETag, or Last-Modified) makes If-Range safe (RFC 9110, 13.1.5).
interface PartOf {
  readonly url: string
  readonly validator: string
}

async function partOf(request: TransferRequest): Promise<{ from: number; validator: string } | undefined> {
  try {
    const [{ size }, text] = await Promise.all([stat(request.part), readFile(`${request.part}.json`, 'utf8')])
    const { url, validator } = JSON.parse(text) as PartOf
    if (url === request.url && size > 0 && typeof validator === 'string') return { from: size, validator }
  } catch {
    // there is no part, or its origin is unknown
  }
  return undefined
}

export async function removePart(part: string): Promise<void> {
  await Promise.all([rm(part, { force: true }), rm(`${part}.json`, { force: true })])
}

function validatorOf(headers: Headers): string | undefined {
  const tag = headers.get('etag')
  return tag?.startsWith('"') ? tag : (headers.get('last-modified') ?? undefined)
}

/** Total bytes if the answer continues the part at `from`, else undefined. */
function continued(response: Response, from: number): number | undefined {
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '')
  return response.status === 206 && range && Number(range[1]) === from ? Number(range[2]) : undefined
}

function refuseAnswer(response: Response, ranged: boolean): void {
  const { status, headers } = response
  if (status !== 200 && !(status === 206 && ranged))
    throw new TransferError(`HTTP ${status}`, status === 408 || status === 429 || status >= 500)
  if (/^(text\/html|application\/xhtml)/i.test(headers.get('content-type') ?? ''))
    throw new TransferError('a web page (text/html) instead of the file', false)
  if ((headers.get('content-encoding') ?? 'identity') !== 'identity')
    throw new TransferError('encoded on the way (Content-Encoding), although identity was requested', false)
}

/** Writes bytes to the file, checking the first ones and their number. Returns the size of the file. */
async function receive(
  request: TransferRequest,
  body: AsyncIterable<Uint8Array>,
  from: number,
  total: number | undefined,
  alive: () => void,
) {
  const file = await open(request.part, from > 0 ? 'r+' : 'w')
  let done = from
  try {
    for await (const chunk of body) {
      alive()
      for (let i = 0; done + i < request.magic.length && i < chunk.length; i++)
        if (chunk[i] !== request.magic[done + i]) throw new TransferError('something else than the file', false)
      if (done + chunk.length > request.limit) throw new TransferError(`more than ${request.limit} bytes`, false)
      await file.write(chunk, 0, chunk.length, done)
      done += chunk.length
      request.progress?.(done, total)
    }
  } catch (error) {
    // The part is removed only when its bytes may be wrong: a page with 404, or a sign-in page in between, leaves it as it is.
    if (error instanceof TransferError && !error.resumable) await removePart(request.part)
    throw error
  } finally {
    await file.close()
  }
  return done
}

/** Makes one request. 'restart' if the server cannot continue the part, which is then removed. */
async function attempt(request: TransferRequest, resume: boolean): Promise<'done' | 'restart'> {
  const part = resume ? await partOf(request) : undefined
  const silence = new AbortController()
  const limit = request.silence ?? SILENCE
  const timer = setTimeout(() => silence.abort(new TransferError(`no byte for ${limit / 1000} s`, true)), limit)
  const signal = request.signal ? AbortSignal.any([request.signal, silence.signal]) : silence.signal
  try {
    const headers: Record<string, string> = { 'accept-encoding': 'identity' }
    if (part) Object.assign(headers, { range: `bytes=${part.from}-`, 'if-range': part.validator })
    const response = await fetch(request.url, { headers, signal })
    timer.refresh()
    if (
      part &&
      (response.status === 416 || (response.status === 206 && continued(response, part.from) === undefined))
    ) {
      await removePart(request.part) // the part is longer than the file, or the answer is another range
      return 'restart'
    }
    refuseAnswer(response, part !== undefined)
    const from = response.status === 206 && part ? part.from : 0
    const length = response.headers.get('content-length')
    const total = part && from > 0 ? continued(response, from) : length === null ? undefined : Number(length)
    if (total !== undefined && total > request.limit)
      throw new TransferError(`announces ${total} bytes, more than expected`, false)
    const validator = validatorOf(response.headers)
    await rm(`${request.part}.json`, { force: true })
    if (validator !== undefined && response.body)
      await writeFile(`${request.part}.json`, JSON.stringify({ url: request.url, validator } satisfies PartOf))
    if (!response.body) throw new TransferError('an answer without a body', false)
    const done = await receive(request, response.body, from, total, () => timer.refresh())
    if (total !== undefined && done !== total) throw new TransferError(`ended after ${done} of ${total} bytes`, true)
    return 'done'
  } catch (error) {
    if (silence.signal.aborted) throw silence.signal.reason
    request.signal?.throwIfAborted()
    throw error
  } finally {
    clearTimeout(timer)
    silence.abort() // closes the connection if the answer was not read completely
  }
}

/**
 * Resolves when the whole file is in `part`. After a failure, the bytes received stay there unless they were wrong, and the
 * next transfer from the same URL continues them.
 * @throws TransferError; the reason of `signal`; errors of the file system
 */
export async function transfer(request: TransferRequest): Promise<void> {
  try {
    if ((await attempt(request, true)) === 'restart') await attempt(request, false)
  } catch (error) {
    // fetch reports every failure of a connection as a TypeError with a cause; other errors do not come from the network
    if (!(error instanceof TypeError) || request.signal?.aborted) throw error
    const { cause, message } = error as TypeError & { cause?: NodeJS.ErrnoException }
    throw new TransferError(`connection failed (${cause?.code ?? cause?.message ?? message})`, true)
  }
}

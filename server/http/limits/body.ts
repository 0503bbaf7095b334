/** What is checked of a request's body before it is read as anything: its type, and its size, which is counted, not believed. */

import { InputError } from '../../../core/errors.ts'

/**
 * Reads the whole body, at most `limit` bytes.
 * @throws InputError 413 body_too_large, 400 incomplete_body where the client went away
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  const announced = request.headers.get('content-length')
  if (announced !== null && Number(announced) > limit) throw tooLarge(limit)
  try {
    const bytes = announced === null ? await readStream(request, limit) : new Uint8Array(await request.arrayBuffer())
    if (bytes.length > limit) throw tooLarge(limit)
    return bytes
  } catch (error) {
    if (error instanceof InputError) throw error
    throw new InputError(400, 'incomplete_body', 'the connection closed before the body was complete')
  }
}

/** @throws InputError 415 bad_content_type unless the Content-Type is JSON */
export function demandJson(request: Request): void {
  if (request.headers.get('content-type')?.split(';')[0].trim().toLowerCase() === 'application/json') return
  throw new InputError(415, 'bad_content_type', 'the Content-Type must be application/json')
}

/** Whether a request has no body. Where its headers do not say so, this reads at most one chunk. */
export async function isEmpty(request: Request): Promise<boolean> {
  const announced = request.headers.get('content-length')
  if (announced !== null) return Number(announced) === 0
  if (request.headers.has('transfer-encoding')) return false
  const first = await request.body?.getReader().read()
  return first === undefined || first.done || first.value.length === 0
}

// A chunked body. After a refusal the rest is left unread: cancelling it here would close the connection before the answer
// is sent.
async function readStream(request: Request, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  if (request.body) {
    const reader = request.body.getReader()
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      length += part.value.length
      if (length > limit) throw tooLarge(limit)
      chunks.push(part.value)
    }
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

function tooLarge(limit: number): InputError {
  return new InputError(413, 'body_too_large', `the body is larger than the ${limit} bytes this form may have`)
}

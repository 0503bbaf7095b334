/**
 * What is checked of a request's body before it is read as anything: its type, and its size, which is counted, not believed. Of large
 * bodies only a few are read at once.
 */

import { release } from '../../../core/data/release.ts'
import { InputError } from '../../../core/errors.ts'
import type { Enter, Leave } from './places.ts'

/** A body of more needs a place before it is read, bytes. */
export const LARGE = 262_144

/** Large bodies in memory at once, and of one client network. */
export const [LARGE_BODIES, LARGE_BODIES_PER_NETWORK] = [4, 2]

/** First memory for a body of unknown length, bytes. */
const FIRST = 16_384

/** A body that was read. */
export interface Body {
  readonly bytes: Uint8Array
  /** Frees the memory of a large one, and its place. Call it in any case, as soon as the bytes are not needed. */
  readonly release: () => void
}

/**
 * Reads the whole body of a client's request, at most `limit` bytes.
 * @throws InputError 413 body_too_large, 400 incomplete_body where the client went away; BusyError 503 busy
 */
export type ReadBody = (address: string, request: Request, limit: number) => Promise<Body>

/** @param enter takes a place for a large body */
export function createBodyReader(enter: Enter): ReadBody {
  return async (address, request, limit) => {
    const announced = announcedLength(request, limit)
    if ((announced ?? limit) <= LARGE) return readSmall(request, limit, announced).then(withoutPlace)
    let leave: Leave | undefined
    const makeRoom = async () => {
      leave ??= await enter(address)
    }
    try {
      if (announced !== undefined) await makeRoom()
      const bytes = await readStream(request, limit, announced ?? FIRST, makeRoom)
      return {
        bytes,
        release() {
          if (leave) release(bytes)
          leave?.()
        },
      }
    } catch (error) {
      leave?.()
      throw unread(error)
    }
  }
}

/**
 * Reads the whole body, at most `limit` bytes.
 * @throws InputError 413 body_too_large, 400 incomplete_body where the client went away
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  return readSmall(request, limit, announcedLength(request, limit))
}

async function readSmall(request: Request, limit: number, announced: number | undefined): Promise<Uint8Array> {
  try {
    if (announced === undefined) return await readStream(request, limit, FIRST)
    const bytes = new Uint8Array(await request.arrayBuffer())
    if (bytes.length > limit) throw tooLarge(limit)
    return bytes
  } catch (error) {
    throw unread(error)
  }
}

const withoutPlace = (bytes: Uint8Array): Body => ({ bytes, release() {} })

// Undefined where the body comes in chunks.
function announcedLength(request: Request, limit: number): number | undefined {
  const announced = request.headers.get('content-length')
  if (announced === null) return undefined
  if (Number(announced) > limit) throw tooLarge(limit)
  return Number(announced)
}

// Why a body could not be read.
function unread(error: unknown): InputError {
  if (error instanceof InputError) return error
  return new InputError(400, 'incomplete_body', 'the connection closed before the body was complete')
}

/** The type in a Content-Type, in lower case and without parameters; '' where there is none. */
export function mediaType(contentType: string | undefined | null): string {
  return contentType?.split(';', 1)[0].trim().toLowerCase() ?? ''
}

/** @throws InputError 415 bad_content_type unless the Content-Type is JSON */
export function demandJson(request: Request): void {
  if (mediaType(request.headers.get('content-type')) === 'application/json') return
  throw new InputError(415, 'bad_content_type', 'expected JSON: add the header Content-Type: application/json')
}

// After a refusal the rest is left unread: cancelling it here would close the connection before the answer is sent. Memory that is
// not written to yet takes none.
async function readStream(
  request: Request,
  limit: number,
  expected: number,
  makeRoom?: () => Promise<void>,
): Promise<Uint8Array> {
  let bytes = new Uint8Array(expected)
  let length = 0
  const reader = request.body?.getReader()
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    const end = length + part.value.length
    if (end > limit) throw tooLarge(limit)
    if (end > LARGE) await makeRoom?.()
    if (end > bytes.length) {
      const larger = new Uint8Array(end > LARGE ? limit : 2 * end)
      larger.set(bytes.subarray(0, length))
      bytes = larger
    }
    bytes.set(part.value, length)
    // a chunk that is no part of a pool is a copy that the stream made for its reader; many wait long for the garbage collector
    if (part.value.length === part.value.buffer.byteLength) release(part.value, 1)
    length = end
  }
  return bytes.subarray(0, length)
}

function tooLarge(limit: number): InputError {
  return new InputError(413, 'body_too_large', `the body is larger than the ${limit} bytes this form may have`)
}

/** The 111 files made to break PNG decoders, sent to a running server on a socket: right answer, little memory, little time. */

import { readFileSync } from 'node:fs'
import { crc32, deflateSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refusableFiles } from '../../core/png/refuse-expected.ts'
import { dataFile, noData } from '../../data-sets.ts'
import { describeUnless } from '../../skip.ts'
import { testWeights } from '../models/test-model.ts'
import { memory, noProc, resetPeak } from '../process-usage.ts'
import { type RunningServer, startServer } from '../running-server.ts'
import { dial, send } from './wire.ts'

const read = (file: string) => readFileSync(dataFile('png', 'refuse', file))

const MEMORY = 32 * 1024 * 1024 // bytes, of one file
const TIME = 100 // ms, of one file
const ATTEMPTS = 3 // the machine has other things to do: the quickest counts

describeUnless(noData || noProc, 'the 111 files of refuse/', () => {
  let server: RunningServer
  beforeAll(async () => {
    server = await startServer({ INKLING_WEIGHTS: testWeights(), INKLING_RATE_LIMIT: 'off' })
  })
  afterAll(async () => {
    expect(server.output()).not.toMatch(/inkling: /)
    expect(await server.stop()).toBe(0)
  })

  const request = (file: Uint8Array) => {
    const fields = ['Content-Type: image/png', `Content-Length: ${file.length}`, `Host: localhost:${server.port}`]
    return Buffer.concat([Buffer.from(`POST /api/v1/predict HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`), file])
  }

  it('get the status and code they must, the 8 valid but blank ones 422, each within 32 MB and 100 ms', async () => {
    expect(refusableFiles()).toHaveLength(111)
    const heaviest = { file: '', bytes: 0 }
    const slowest = { file: '', ms: 0 }
    const wrong: string[] = []
    for (const { file, status, code } of refusableFiles()) {
      const bytes = request(read(file))
      let ms = Infinity
      for (let k = 0; k < ATTEMPTS; k++) {
        resetPeak(server.pid)
        const before = memory(server.pid).now
        const sent = performance.now()
        const { verdict } = await send(server.port, bytes)
        ms = Math.min(ms, performance.now() - sent)
        const added = memory(server.pid).peak - before
        if (added > heaviest.bytes) Object.assign(heaviest, { file, bytes: added })
        // Valid, but of one colour: a blank picture, as all_black.png is, which has the very pixels of six of these eight.
        const right = status === 200 ? '422 blank_image' : `${status} ${code}`
        if (verdict !== right) wrong.push(`${file}: ${verdict}`)
        if (ms < TIME / 4) break
      }
      if (ms > slowest.ms) Object.assign(slowest, { file, ms })
    }
    console.log(
      `most memory ${(heaviest.bytes / 1048576).toFixed(1)} MB (${heaviest.file}), longest ${slowest.ms.toFixed(1)} ms (${slowest.file})`,
    )
    expect(wrong).toEqual([])
    expect(heaviest.bytes).toBeLessThan(MEMORY)
    expect(slowest.ms).toBeLessThan(TIME)
  })

  it('get 200 where they are valid once there is a digit in them: the eight, with other pixels in the same chunks', async () => {
    const valid = refusableFiles().filter(({ status }) => status === 200)
    expect(valid).toHaveLength(8)
    for (const { file } of valid) {
      const { verdict } = await send(server.port, request(drawInto(read(file))))
      expect(`${file}: ${verdict}`).toBe(`${file}: 200`)
    }
  })

  it('leave no memory behind: the least of ten rounds is less than 16 MB above that of the ten before, in a heap of 48 MB', async () => {
    const files = refusableFiles().map(({ file }) => request(read(file)))
    const small = await startServer({
      INKLING_WEIGHTS: testWeights(),
      INKLING_RATE_LIMIT: 'off',
      INKLING_HOSTS: `localhost:${server.port}`, // the requests name the other server's port
      INKLING_LEARNING: 'off', // its thread reads a data set for a while, which has nothing to do with pictures
      NODE_OPTIONS: '--max-old-space-size=48 --max-semi-space-size=2', // else garbage is left lying until it matters
    })
    const round = async () => {
      for (const file of files) await send(small.port, file)
    }
    // After a single round the memory of its last pictures may still be there; what stays behind is there after all of them.
    const least = async () => {
      let bytes = Infinity
      for (let k = 0; k < 10; k++) {
        await round()
        bytes = Math.min(bytes, memory(small.pid).now)
      }
      return bytes
    }
    await least() // compiled code and caches
    const before = await least()
    expect((await least()) - before).toBeLessThan(16 * 1024 * 1024)
    await small.stop()
  })

  it('do no harm when 8 connections send the largest at once', async () => {
    const bomb = request(read('bomb_ni_256m.png'))
    const wires = await Promise.all(Array.from({ length: 8 }, () => dial(server.port)))
    for (const { socket } of wires) socket.write(bomb)
    await Promise.all(wires.map((wire) => wire.until(/bad_zlib/, 5000)))
    for (const { socket } of wires) socket.destroy()
  })
})

/** A 28x28 8-bit grey PNG with its pixels replaced by a vertical bar; all other chunks and the way IDAT is split stay. */
function drawInto(png: Buffer): Buffer {
  const rows = Array.from({ length: 28 }, (_, y) => {
    const row = Buffer.alloc(29, 255) // filter type and 28 px
    row[0] = 0
    return y > 3 && y < 24 ? row.fill(0, 13, 17) : row
  })
  const drawn = deflateSync(Buffer.concat(rows))
  const chunks: Buffer[] = []
  let at = 8
  while (png.toString('latin1', at + 4, at + 8) !== 'IDAT') at += 12 + png.readUInt32BE(at)
  chunks.push(png.subarray(0, at))
  const piece = png.readUInt32BE(at) === 1 ? 1 : drawn.length
  for (let from = 0; from < drawn.length; from += piece) chunks.push(idat(drawn.subarray(from, from + piece)))
  while (png.toString('latin1', at + 4, at + 8) === 'IDAT') at += 12 + png.readUInt32BE(at)
  chunks.push(png.subarray(at))
  return Buffer.concat(chunks)
}

function idat(data: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + data.length)
  chunk.writeUInt32BE(data.length)
  chunk.write('IDAT', 4, 'latin1')
  data.copy(chunk, 8)
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + data.length)), 8 + data.length)
  return chunk
}

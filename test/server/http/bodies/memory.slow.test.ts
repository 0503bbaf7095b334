/** What the largest bodies and pictures take of a running server: memory beyond the idle server. */

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { describeUnless } from '../../../skip.ts'
import { memory, noProc, resetPeak } from '../../process-usage.ts'
import { startServer } from '../../running-server.ts'
import { photoJpeg, photoPng } from './photos.ts'

const MIB = 1_048_576

type Sent = readonly [name: string, body: BodyInit, type?: string]

/** Sends each body `repeats` times to a new server; the status of its answers, and a line of the most memory that each took, MiB. */
async function measure(repeats: number, bodies: readonly Sent[]) {
  const server = await startServer({ INKLING_RATE_LIMIT: 'off', INKLING_DATA: '/nonexistent' })
  const post = async (body: BodyInit, type?: string) => {
    const headers: Record<string, string> = type ? { 'content-type': type } : {}
    const response = await fetch(`${server.url}/api/v1/predict`, { method: 'POST', body, headers })
    await response.text()
    return response.status
  }
  const small = new Uint8Array(readFileSync('test/arm/fixtures/7-grey.png'))
  for (let k = 0; k < 50; k++) await post(small)
  for (let k = 0; k < 50; k++) await Promise.all([1, 2, 3].map(() => post(small))) // starts workers, which are asked from then on
  const idle = memory(server.pid).now
  const measured: { name: string; statuses: number[]; grown: number }[] = []
  for (const [name, body, type] of bodies) {
    resetPeak(server.pid)
    const statuses: number[] = []
    for (let k = 0; k < repeats; k++) statuses.push(await post(body, type))
    measured.push({ name, statuses, grown: (memory(server.pid).peak - idle) / MIB })
  }
  expect(await server.stop()).toBe(0)
  const line = `MiB beyond ${(idle / MIB).toFixed(0)}: ${measured.map(({ name, grown }) => `${name} ${grown.toFixed(0)}`).join(', ')}`
  return { measured, line }
}

describeUnless(noProc, 'in any body, again and again, at most 32 MiB are taken', () => {
  it('by a picture of 9 to 17 MP and 2.5 MB or more', async ({ annotate }) => {
    const png = photoPng(4096, 4096, 1)
    const scan = photoPng(2480, 3508, 3)
    expect(Math.min(png.length, scan.length)).toBeGreaterThan(2_500_000)
    const form = new FormData()
    form.set('file', new Blob([png]), 'photo.png')
    const base64 = Buffer.from(scan).toString('base64')
    const { measured, line } = await measure(4, [
      ['PNG', png],
      ['form', form],
      ['JPEG', photoJpeg(4032, 3024)],
      ['base64', JSON.stringify({ image: base64 }), 'application/json'],
      ['base64 in lines', JSON.stringify({ image: base64.replace(/.{76}/g, '$&\n') }), 'application/json'],
    ])
    await annotate(line)
    for (const { name, statuses, grown } of measured) {
      expect([name, ...statuses]).toEqual([name, 200, 200, 200, 200])
      expect(grown, name).toBeLessThan(32)
    }
  }, 300_000)

  it('by 4 MiB that are no picture', async ({ annotate }) => {
    const { measured, line } = await measure(20, [
      ['zeros', new Uint8Array(4 * MIB)],
      ['blanks', `{"image":"data:;base64,${' '.repeat(4 * MIB - 100)}"}`, 'application/json'],
      ['lists', `{"strokes":[${'[],'.repeat(1_000_000)}[]]}`, 'application/json'],
      ['parts', '--b\r\n\r\n\r\n'.repeat(400_000), 'multipart/form-data; boundary=b'],
    ])
    await annotate(line)
    const expected = [415, 400, 413, 400]
    for (const [k, { name, statuses, grown }] of measured.entries()) {
      expect([name, ...statuses]).toEqual([name, ...Array(20).fill(expected[k])])
      expect(grown, name).toBeLessThan(32)
    }
  }, 300_000)
})

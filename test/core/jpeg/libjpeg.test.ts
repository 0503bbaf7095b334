/**
 * Files that libjpeg-turbo 2.1.5 wrote (cjpeg, jpegtran, and Pillow for CMYK) from one drawing of 45x37 px, and the pixels it decodes
 * them to, as PNG.
 */

import { readFileSync } from 'node:fs'
import { PNG } from 'pngjs'
import { expect, test } from 'vitest'
import { decoded } from './decoded.ts'

const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`../../fixtures/jpeg/${name}`, import.meta.url)))

test.each([
  ['444.jpg', '444.png', 'no subsampling'],
  ['422.jpg', '422.png', 'half the columns of colour'],
  ['440.jpg', '440.png', 'half the rows of colour'],
  ['420.jpg', '420.png', 'half of both'],
  ['411.jpg', '411.png', 'a quarter of the columns'],
  ['3x1.jpg', '3x1.png', 'a third of the columns'],
  ['grey.jpg', 'grey.png', 'one component'],
  ['grey-progressive.jpg', 'grey.png', 'one component, progressive'],
  ['rgb.jpg', 'rgb.png', 'RGB, marked so by Adobe'],
  ['cmyk.jpg', 'cmyk.png', 'CMYK, inverted'],
  ['cmyk-progressive.jpg', 'cmyk.png', 'CMYK, progressive'],
  ['16-bit-tables.jpg', '16-bit-tables.png', 'extended, quantisation tables of 16 bits'],
  ['420-optimised.jpg', '420.png', 'Huffman tables of its own'],
  ['420-restarts.jpg', '420.png', 'restart markers'],
  ['420-scans.jpg', '420.png', 'a scan for each component, restart markers'],
  ['420-progressive.jpg', '420.png', 'progressive'],
  ['420-progressive-restarts.jpg', '420.png', 'progressive, restart markers'],
  ['420-script.jpg', '420.png', 'progressive in 14 scans'],
])('%s decodes as libjpeg does, %s: %s; mean difference < 0.2 levels, none > 2', (name, expected) => {
  const { width, height, channels, data } = decoded(fixture(name))
  const {
    width: w,
    height: h,
    data: right,
  } = PNG.sync.read(readFileSync(new URL(`../../fixtures/jpeg/${expected}`, import.meta.url)))
  expect([width, height, channels]).toEqual([w, h, name.startsWith('grey') ? 1 : 4])
  let sum = 0
  let most = 0
  for (let p = 0; p < width * height * 4; p++) {
    const own = channels === 4 ? data[p] : p % 4 === 3 ? 255 : data[p >> 2]
    sum += Math.abs(own - right[p])
    most = Math.max(most, Math.abs(own - right[p]))
  }
  expect(sum / (width * height * 3)).toBeLessThan(0.2)
  expect(most).toBeLessThanOrEqual(2)
})

test('a file with arithmetic coding is refused by that name', () => {
  const refusal = { status: 422, code: 'unsupported_jpeg', message: expect.stringContaining('arithmetic coding') }
  expect(() => decoded(fixture('420-arithmetic.jpg'))).toThrow(expect.objectContaining(refusal))
})

/** PngSuite, Willem van Schaik's reference set of valid and corrupt files. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { atOnce } from '../../../core/picture/at-once.ts'
import { readDatastream } from '../../../core/png/datastream.ts'
import { decodePng } from '../../../core/png/decode.ts'
import { PNG_LIMITS } from '../../../core/png/limits.ts'
import { inflate } from '../../../server/files/inflate.ts'
import { dataFile, noData } from '../../data-sets.ts'
import { describeUnless } from '../../skip.ts'
import { guarded } from './guarded.ts'
import { visible } from './writer.ts'

interface Expected {
  readonly valid: Readonly<Record<string, { width: number; height: number; sha256: string }>>
  readonly corrupt: readonly string[]
}

describeUnless(noData, 'PngSuite', () => {
  const expected: Expected = JSON.parse(readFileSync(dataFile('png', 'pngsuite-expected.json'), 'utf8'))
  const read = (name: string) => readFileSync(dataFile('png', 'pngsuite', `${name}.png`))

  it('has 161 valid files, all decoded to the expected digest; some are only 1 px wide', () => {
    const wrong = Object.entries(expected.valid).filter(([name, { width, height, sha256 }]) => {
      const raster = atOnce(decodePng(read(name), inflate, { minSide: 1 }))
      const digest = createHash('sha256').update(visible(raster.data)).digest('hex')
      return raster.width !== width || raster.height !== height || digest !== sha256
    })
    expect(wrong).toEqual([])
    expect(Object.keys(expected.valid)).toHaveLength(161)
  })

  it('has 14 corrupt files, all refused', () => {
    for (const name of expected.corrupt) {
      const decode = () => {
        readDatastream(guarded(read(name)), { ...PNG_LIMITS, minSide: 1 })
        atOnce(decodePng(read(name), inflate, { minSide: 1 }))
      }
      expect(decode, name).toThrow(
        expect.objectContaining({ name: 'InputError', status: expect.toBeOneOf([415, 422]) }),
      )
    }
    expect(expected.corrupt).toHaveLength(14)
  })
})

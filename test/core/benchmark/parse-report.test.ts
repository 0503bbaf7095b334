/** Files of reports: which are taken, and what is said of the others; and reports side by side. */

import { describe, expect, test } from 'vitest'
import { parseReport, REPORT_BYTES } from '../../../core/benchmark/parse-report.ts'
import { deviceName, kernelsSideBySide, modelsSideBySide } from '../../../core/benchmark/side-by-side.ts'
import { deviceReport, withoutPlain } from './reports.ts'

const REPORT = deviceReport('Old phone', { cnn: { plain: 900, ts: 1500, scalar: 500, simd: 100 } })

/** What is said of a report with something else at a path such as models.0.type. */
function refusal(path: string, value: unknown): string {
  const copy = structuredClone(REPORT) as unknown as Record<string, unknown>
  const keys = path.split('.')
  const last = keys.pop() ?? ''
  let inner: Record<string, unknown> = copy
  for (const key of keys) inner = inner[key] as Record<string, unknown>
  inner[last] = value
  try {
    parseReport(JSON.stringify(copy), 'a.json')
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

describe('the file of a report', () => {
  test('is taken as bench printed it, as the server answers it, and from releases without plain JavaScript', () => {
    expect(parseReport(JSON.stringify(REPORT), 'a')).toEqual(REPORT)
    expect(parseReport(JSON.stringify({ state: 'measured', report: REPORT }), 'a')).toEqual(REPORT)
    const old = withoutPlain(REPORT)
    expect(parseReport(JSON.stringify(old), 'a')).toEqual(old)
  })

  test.each([
    [
      '',
      /^"a\.json" is no report of a benchmark: it begins with "" and is no JSON, expected the output of inkling bench/,
    ],
    ['<html>', /it begins with "<html>" and is no JSON/],
    ['[]', /: the file is "\[\]", expected an object$/],
    ['{}', /: format is missing, expected 1, as in the output of inkling bench --json$/],
    ['{"state":"waiting"}', /: the machine is "waiting", expected "measured": ask it again when it is done$/],
    ['x'.repeat(REPORT_BYTES + 1), /it has 2097153 characters, expected at most 2097152$/],
  ])('%.20j is refused with what was got and expected', (text, words) => {
    expect(() => parseReport(text, 'a.json')).toThrow(words)
  })

  test.each([
    ['format', 2, /format is "2", expected 1/],
    ['at', 'yesterday', /at is .*yesterday.*, expected a time/],
    ['environment', [], /environment is "\[\]", expected an object/],
    ['environment.runtime', undefined, /environment\.runtime is missing, expected a text of at most 200 characters/],
    ['environment.device', 'x'.repeat(201), /environment\.device is "\\"x+\.\.\.", expected a text/],
    ['backends', ['simd', 'gpu'], /backends\[1\] is "\\"gpu\\"", expected one of simd, scalar, ts, plain/],
    ['models', {}, /models is "\{\}", expected a list of at most 1000/],
    ['models.0.type', 'magic', /models\[0\]\.type is .*magic.*, expected one of network/],
    ['models.0.times.simd.median', '5', /models\[0\]\.times\.simd\.median is "\\"5\\"", expected a number above 0/],
    ['models.0.times.plain.median', -1, /models\[0\]\.times\.plain\.median is "-1", expected a number above 0/],
    ['kernels.0.title', 3, /kernels\[0\]\.title is "3", expected a text/],
    ['peak.simd', null, /peak\.simd is "null", expected a number above 0/],
    ['drift.loss', 2, /drift\.loss is "2", expected a number from 0 to 1/],
    ['drift', undefined, /drift is missing, expected an object/],
  ])('with a wrong %s is refused with that name', (path, value, words) => {
    expect(refusal(path, value)).toMatch(words)
  })
})

describe('reports side by side', () => {
  test('have every model and kernel of any, with its times in each', () => {
    const other = deviceReport('Laptop', { knn: { ts: 9 }, cnn: { simd: 10 } }, { kernels: [] })
    const models = modelsSideBySide([REPORT, undefined, other])
    expect(models.map(({ id, label }) => [id, label])).toEqual([
      ['cnn', 'cnn'],
      ['knn 1048576', 'knn, 1.0 MiB'],
    ])
    expect(models[0].times.map((times) => times?.simd?.median)).toEqual([100, undefined, 10])
    expect(models[1].times.map((times) => times?.ts?.median)).toEqual([undefined, undefined, 9])
    expect(kernelsSideBySide([other, REPORT]).map(({ times }) => times.map((one) => one?.simd?.median))).toEqual([
      [undefined, 30],
    ])
  })

  test('call a device as its owner does, else by its processor, else by its runtime', () => {
    expect(deviceName(REPORT.environment)).toBe('Old phone')
    expect(deviceName(withoutPlain(REPORT).environment)).toBe('ARMv7')
    expect(deviceName({ program: '', runtime: 'Firefox 128', platform: 'Android', selfTest: '' })).toBe(
      'Firefox 128, Android',
    )
  })
})

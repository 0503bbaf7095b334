/** `inkling bench compare`: reports of several devices as a table and as a chart. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { CHART_DEVICES, drawComparison } from '../../../server/report/compare-chart.ts'
import { describeComparison } from '../../../server/report/compare-table.ts'
import { deviceReport, withoutPlain } from '../../core/benchmark/reports.ts'
import { run } from '../command.ts'

const folder = mkdtempSync(join(tmpdir(), 'inkling-compare-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const PHONE = deviceReport('Old <phone>', { cnn: { plain: 9000, ts: 15_000, scalar: 5000, simd: 1000 } })
const LAPTOP = withoutPlain(
  deviceReport('', { cnn: { plain: 90, ts: 150, scalar: 50, simd: 10 }, softmax: { ts: 5, scalar: 2 } }),
)

function saved(name: string, content: unknown): string {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

describe('inkling bench compare', () => {
  test('prints one table and draws one chart, without measuring anything', async () => {
    const files = [saved('phone.json', PHONE), saved('laptop.json', { state: 'measured', report: LAPTOP })]
    const svg = join(folder, 'both.svg')
    const { code, stdout, stderr } = await run(['bench', 'compare', ...files, '--svg', svg])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toBe(`${describeComparison([PHONE, LAPTOP])}\n`)
    expect(readFileSync(svg, 'utf8')).toBe(drawComparison([PHONE, LAPTOP]))
  })

  test('ends with 2 for a file that is no report, and names it without its folder', async () => {
    const { code, stdout, stderr } = await run(['bench', 'compare', saved('a.json', PHONE), saved('b.json', 'hello')])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^inkling: "b\.json" is no report of a benchmark: it begins with "hello" and is no JSON, /)
  })

  test('asks for files, and says which is missing', async () => {
    expect(await run(['bench', 'compare'])).toMatchObject({ code: 2, stderr: expect.stringContaining("'files'") })
    const { code, stderr } = await run(['bench', 'compare', join(folder, 'none.json')])
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^inkling: cannot_read: .*none\.json/)])
  })
})

describe('the table of several devices', () => {
  const text = describeComparison([
    PHONE,
    { ...LAPTOP, drift: { checks: [], loss: 0.3, throttled: true }, processor: 0.5 },
  ])

  test('has a line for each model and kernel: plain, fastest and ratio of each device, a dash for what it lacks', () => {
    expect(text).toMatch(/^cnn +9000 +1000 +9\.0x +- +10\.0 +-$/m)
    expect(text).toMatch(/^softmax +- +- +- +- +2\.00 +-$/m)
    expect(text).toMatch(/^exp 7850 normal +300 +30\.0 +10\.0x +- +30\.0 +-$/m)
    const widths = text.split('\n').flatMap((line) => (/^(one image|kernel, shape)/.test(line) ? [line.length] : []))
    expect(new Set(widths).size).toBe(1)
  })

  test('names device, processor, Node and backends, and says what makes figures unreliable', () => {
    expect(text).toMatch(/^A {2}Old <phone>\n {3}ARMv7, 4 cores, arm, Node 24\.21\.0, inkling 0\.1\.0\n/)
    expect(text).toMatch(/^B {2}ARMv7\n/m)
    expect(text).toContain('2026-11-30, quick, backends simd, scalar, ts')
    expect(text).toContain(
      'multiply-add at most: 8.00 (SIMD), 2.00 (scalar), 1.00 (bit-exact TypeScript twin), 1.50 (plain',
    )
    expect(text).toContain('its speed fell by 2 % at worst')
    expect(text).toContain('It comes of a release without plain JavaScript, so it has no ratios.')
    expect(text).toMatch(/lost 30 % of its speed/)
    expect(text).toMatch(/had a core for 50 % of the time/)
  })
})

describe('the chart of several devices', () => {
  const svg = drawComparison([PHONE, LAPTOP])

  test('has a bar of each device, as long as the logarithm of its time, and a stroke for plain JavaScript', () => {
    const width = (words: string) =>
      Number(new RegExp(`<rect [^>]*width="([\\d.]+)"[^>]*><title>${words}</title>`).exec(svg)?.[1])
    // from 1 µs to 10 ms: 115 px for each power of ten
    expect(width('A, cnn: 1000 µs')).toBeCloseTo(3 * 115, 0)
    expect(width('B, cnn: 10.0 µs')).toBeCloseTo(115, 0)
    expect(width('plain JavaScript: 9000 µs')).toBe(2)
    expect(svg).toContain('1000 µs, 9.0x')
    expect(svg).toContain('Old &lt;phone&gt;, ARMv7')
    expect(svg).toContain('prefers-color-scheme: dark')
  })

  test('of nothing measured is still a picture; of more devices than colours there is none', async () => {
    expect(drawComparison([{ ...PHONE, models: [], kernels: [] }])).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
    const many = Array.from({ length: CHART_DEVICES + 1 }, () => saved('phone.json', PHONE))
    const { code, stderr } = await run(['bench', 'compare', ...many, '--svg', '-'])
    expect([code, stderr]).toEqual([2, 'inkling: --svg: got 7 reports, expected at most 6, one for each colour\n'])
  })
})

test('a report names the device: as --device says, else INKLING_DEVICE, else its processor', async () => {
  const measure = async (words: readonly string[], env: Record<string, string | undefined>) => {
    const { stdout } = await run(['bench', '--quick', '--only', 'peak', '--json', ...words], env)
    return (JSON.parse(stdout) as typeof PHONE).environment
  }
  expect((await measure(['--device', 'On the\u0007 desk'], { INKLING_DEVICE: 'x' })).device).toBe('On the desk')
  expect((await measure([], { INKLING_DEVICE: '"Kitchen phone"' })).device).toBe('Kitchen phone')
  const { device, cpu } = await measure([], { INKLING_DEVICE: undefined })
  expect(device).toBe(cpu)
})

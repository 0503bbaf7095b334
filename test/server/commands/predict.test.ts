/** `inkling predict` of several files, of rows of pixels, and of what cannot be recognised. */

import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import { idxHeader } from '../../../core/data/idx.ts'
import { runProcess } from '../../child-processes.ts'
import { ROOT, run } from '../command.ts'

const MODEL = ['--model', 'softmax']

/** A 1 or, as a ring, a 0: 28x28, bright ink on black. */
function digit(label: 0 | 1): number[] {
  return Array.from({ length: 784 }, (_, i) => {
    const [x, y] = [(i % 28) - 13.5, Math.floor(i / 28) - 13.5]
    const ink = label === 1 ? Math.abs(x) < 1.5 && Math.abs(y) < 9 : Math.abs(Math.hypot(x, y * 0.8) - 6) < 1.5
    return ink ? 250 : 0
  })
}

const LABELS = [1, 0, 1, 1, 0] as const
const labelled = LABELS.map((label) => [label, ...digit(label)].join())
const unlabelled = LABELS.map((label) => digit(label).join())

function png(label: 0 | 1): Buffer {
  const image = new PNG({ width: 28, height: 28 })
  for (const [i, value] of digit(label).entries())
    image.data.fill(value, 4 * i, 4 * i + 3).fill(255, 4 * i + 3, 4 * i + 4)
  return PNG.sync.write(image)
}

const folder = mkdtempSync(join(tmpdir(), 'inkling-predict-'))

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

const [one, zero] = [file('one.png', png(1)), file('zero.png', png(0))]
const rows = file('rows.csv', `${labelled.join('\n')}\n`)

async function predict(...words: string[]) {
  const { code, stdout, stderr } = await run(['predict', ...MODEL, ...words])
  return { code, lines: stdout.trimEnd().split('\n'), stderr }
}

async function predictInput(input: string | Uint8Array, ...words: string[]) {
  const { code, stdout, stderr } = await runProcess(
    process.execPath,
    ['server/inkling.js', 'predict', ...MODEL, ...words],
    {
      cwd: ROOT,
      input: Buffer.from(input),
    },
  )
  return { code, lines: String(stdout).trimEnd().split('\n'), stderr: String(stderr) }
}

describe('several files', () => {
  it('have one line each, with the name after the answer', async () => {
    const { code, lines, stderr } = await predict(one, zero, one)
    expect([code, stderr]).toEqual([0, ''])
    const names = lines.map((line) => /^(\d) {2}\d+\.\d % {2}(.*)$/.exec(line)?.slice(1))
    expect(names).toEqual([
      ['1', one],
      ['0', zero],
      ['1', one],
    ])
  })

  it('may be JPEG as well as PNG, whatever their names say', async () => {
    const jpeg = file('eight.png', readFileSync(join(ROOT, 'test/fixtures/jpeg/420-progressive.jpg')))
    const { code, lines } = await predict('--model', 'cnn', jpeg, one)
    expect([code, ...lines.map((line) => line[0])]).toEqual([0, '8', '1'])
  })

  it('have one JSON object each, with the name; a single picture has the object it always had', async () => {
    const { lines } = await predict(one, zero, '--json')
    const answers = lines.map((line) => JSON.parse(line))
    expect(answers.map(({ file: name, digit, input }) => [name, digit, input.length])).toEqual([
      [one, 1, 784],
      [zero, 0, 784],
    ])
    const [{ file: _, ...single }] = answers
    expect(JSON.parse((await predict(one, '--json')).lines[0])).toEqual(single)
    expect(Object.keys(single)).toEqual([
      'model',
      'version',
      'digit',
      'confidence',
      'verdict',
      'other',
      'probabilities',
      'input',
    ])
  })

  it('of which some cannot be read end with 1 and a sentence each on standard error; the others are answered', async () => {
    const text = file('text.png', 'not a picture')
    mkdirSync(join(folder, 'photos'), { recursive: true })
    const { code, lines, stderr } = await predict(text, one, join(folder, 'nowhere.png'), join(folder, 'photos'), zero)
    expect(code).toBe(1)
    expect(lines.map((line) => line[0])).toEqual(['1', '0'])
    const said = stderr.trimEnd().split('\n')
    expect(said).toHaveLength(3)
    expect(said[0]).toMatch(/^inkling: .*text\.png: expected a PNG or JPEG/)
    expect(said[1]).toMatch(/^inkling: cannot_read: .*nowhere\.png \(ENOENT\)$/)
    expect(said[2]).toMatch(/^inkling: cannot_read: .*photos is a folder: name the files in it$/)
  })

  it('with a model that does not exist are not read: exit 1, and the models that do exist', async () => {
    const { code, stdout, stderr } = await run(['predict', '--model', 'nobody', one, 'nowhere.png'])
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(/^inkling: [^\n]*there are: [^\n]*softmax[^\n]*\n$/)
  })

  it('may have standard input among them, once: twice is wrong use, exit 2', async () => {
    const { lines } = await predictInput(png(0), one, '-')
    expect(lines.map((line) => line.replace(/ {2}.* % {2}/, ' '))).toEqual([`1 ${one}`, '0 standard input'])
    expect((await predictInput(png(0), '-', '-')).code).toBe(2)
  })

  it('may be packed with gzip, under any name', async () => {
    expect((await predict(file('packed', gzipSync(png(1))))).lines[0]).toMatch(/^1 /)
    const { code, stderr } = await predict(file('cut.gz', gzipSync(rows.repeat(999)).subarray(0, 60)))
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^inkling: truncated: .*cut\.gz: [^\n]*\n$/)])
  })

  it('larger than a picture may be are not read to their end', async () => {
    const { code, stderr } = await predict(file('zeros.gz', gzipSync(Buffer.alloc(300_000_000))))
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^inkling: .*at most 4194304 are accepted\n$/)])
  })
})

describe('rows of pixels', () => {
  const answered = (lines: readonly string[]) => lines.map((line) => line.replace(/ {2}\d+\.\d % {2}/, ' '))

  it('with labels have an answer each, and a last line that says how many were right', async () => {
    const { code, lines, stderr } = await predict(rows)
    expect([code, stderr]).toEqual([0, ''])
    expect(answered(lines)).toEqual([...LABELS.map((label, k) => `${label} row ${k + 1}`), 'right: 5 of 5, 100.00 %'])
    const wrong = file('wrong.csv', [labelled[0], `7${labelled[1].slice(1)}`].join('\n'))
    expect(answered((await predict(wrong)).lines)).toEqual([
      '1 row 1',
      '0 row 2, wrong: label 7',
      'right: 1 of 2, 50.00 %',
    ])
  })

  it('without labels, with a header, as 0..1, packed, dark on white or of standard input have the same answers', async () => {
    const expected = LABELS.map((label, k) => `${label} row ${k + 1}`)
    const header = Array.from({ length: 784 }, (_, i) => `pixel${i}`).join()
    const scaled = LABELS.map((label) =>
      digit(label)
        .map((value) => value / 255)
        .join(),
    )
    const inverted = LABELS.map((label) =>
      digit(label)
        .map((value) => 255 - value)
        .join(),
    )
    const forms: string[] = [
      file('unlabelled.csv', unlabelled.join('\n')),
      file('header.csv', [header, ...unlabelled].join('\r\n')),
      file('scaled.csv', scaled.join('\n')),
      file('inverted.csv', inverted.join('\n')),
      file('packed.csv.gz', gzipSync(unlabelled.join('\n'))),
      file('rows.txt', unlabelled.join('\n')),
    ]
    for (const form of forms) expect(answered((await predict(form)).lines)).toEqual(expected)
    expect(answered((await predictInput(unlabelled.join('\n'), '-')).lines)).toEqual(expected)
    expect((await predictInput([`label,${header}`, ...labelled].join('\n'), '-')).lines.at(-1)).toMatch(
      /^right: 5 of 5/,
    )
  })

  it('of IDX images have the labels of the file beside them', async () => {
    const images = file(
      't-images-idx3-ubyte',
      Buffer.concat([idxHeader([5, 28, 28]), Buffer.from(LABELS.flatMap(digit))]),
    )
    expect(answered((await predict(images)).lines)).toEqual(LABELS.map((label, k) => `${label} row ${k + 1}`))
    file('t-labels-idx1-ubyte.gz', gzipSync(Buffer.concat([idxHeader([5]), Buffer.from(LABELS)])))
    expect((await predict(images)).lines.at(-1)).toBe('right: 5 of 5, 100.00 %')
  })

  it('are one JSON object each, without the pixels, then one with the sum', async () => {
    const { lines } = await predict(rows, one, '--json')
    const objects = lines.map((line) => JSON.parse(line))
    expect(objects.slice(0, 5).map((row) => [row.file, row.row, row.label, row.digit, row.input])).toEqual(
      LABELS.map((label, k) => [rows, k + 1, label, label, undefined]),
    )
    expect(objects[5]).toEqual({ file: rows, rows: 5, right: 5 })
    expect(objects[6].input).toHaveLength(784)
  })

  it('without a digit are said on standard error and count as not right; a row that is no row ends its file', async () => {
    const blank = ['3', ...Array(784).fill(0)].join()
    const broken = labelled[0].replace(/,0,/, ',256,')
    const bad = file('bad.csv', [labelled[0], blank, labelled[1], broken, labelled[2]].join('\n'))
    const { code, lines, stderr } = await predict(bad, one)
    expect(code).toBe(1)
    expect(answered(lines)).toEqual([`1 ${bad}, row 1`, `0 ${bad}, row 3`, `1 ${one}`])
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^inkling: .*bad\.csv, row 2: /),
      expect.stringMatching(/^inkling: bad_pixel: .*bad\.csv: line 4, column 2: expected a whole number 0 to 255/),
    ])
    const counted = await predict(file('blank.csv', [labelled[0], blank].join('\n')))
    expect(counted.lines.at(-1)).toBe('right: 1 of 2, 50.00 %')
  })
})

/** Converts the UNIPEN text of the pendigits originals (Guyon et al. 1994) to JSON lines, this project's format of pen strokes. */

import { DataError } from '../../core/data/errors.ts'

const SIDE = 1000 // longer side of a drawing, in the result

type Point = [x: number, y: number]

interface Segment {
  readonly label: string
  writer: string
  readonly strokes: Point[][]
}

/**
 * One line per digit, in the order of the text. Repeated points are left out, y is turned to point down, and the drawing is
 * scaled to a longer side of 1000, rounded half to even.
 * @param text lines `.SEGMENT DIGIT 0-1 ? "4"`, `.COMMENT <label> <writer> <instance>`, `.PEN_DOWN`, coordinates, `.PEN_UP`
 * @param set prefix of the writers, e.g. 'pendigits'
 * @param part 'tra' or 'tes'
 * @throws DataError bad_line, bad_label, naming the line; empty
 */
export function convertUnipen(text: string, set: string, part: string): string {
  const segments: Segment[] = []
  let stroke: Point[] | undefined
  for (const [i, raw] of text.split('\n').entries()) {
    const refuse = (what: string): DataError => new DataError('bad_line', `line ${i + 1}: ${what}`)
    const line = raw.trim()
    const segment = segments.at(-1)
    if (line.startsWith('.SEGMENT')) {
      const label = /^\.SEGMENT\s+DIGIT\s+\S+\s+\S+\s+"(\d)"$/.exec(line)?.[1]
      if (label === undefined) throw new DataError('bad_label', `line ${i + 1}: expected a digit in quotes`)
      segments.push({ label, writer: '', strokes: [] })
      stroke = undefined
    } else if (line.startsWith('.COMMENT') && segment?.writer === '') {
      const [, label, writer] = /^\.COMMENT\s+(\d)\s+(\d+)\s+\d+$/.exec(line) ?? []
      if (label !== segment.label) throw refuse('expected a comment of label, writer and instance')
      segment.writer = writer
    } else if (line === '.PEN_DOWN') {
      if (segment === undefined) throw refuse('the pen goes down before the first segment')
      stroke = []
      segment.strokes.push(stroke)
    } else if (line === '.PEN_UP') stroke = undefined
    else if (/^-?\d/.test(line)) {
      const [, x, y] = /^(-?\d{1,6})\s+(-?\d{1,6})$/.exec(line) ?? []
      if (x === undefined || stroke === undefined) throw refuse('expected two coordinates, of a pen that is down')
      const before = stroke.at(-1)
      if (before?.[0] !== Number(x) || before[1] !== Number(y)) stroke.push([Number(x), Number(y)])
    }
  }
  if (segments.length === 0) throw new DataError('empty', 'holds no segments')
  return segments.map((segment, i) => `${lineOf(segment, i, set, part)}\n`).join('')
}

function lineOf({ label, writer, strokes }: Segment, i: number, set: string, part: string): string {
  const id = `${part}-${i}`
  const [low, high]: [Point, Point] = [
    [Infinity, Infinity],
    [-Infinity, -Infinity],
  ]
  for (const stroke of strokes) {
    for (const point of stroke) {
      for (const axis of [0, 1] as const) {
        low[axis] = Math.min(low[axis], point[axis])
        high[axis] = Math.max(high[axis], point[axis])
      }
    }
  }
  if (writer === '' || low[0] === Infinity) throw new DataError('bad_line', `${id} lacks its writer or its strokes`)
  const [left, top] = [low[0], high[1]] // y points up
  const extent = Math.max(high[0] - left, top - low[1], 1)
  const scaled = strokes
    .filter((stroke) => stroke.length > 0)
    .map((stroke) => stroke.map(([x, y]) => [halfToEven(x - left, extent), halfToEven(top - y, extent)]))
  return JSON.stringify({ label, writer: `${set}:${part}:${writer}`, src: `${set}_${part}`, id, strokes: scaled })
}

/** SIDE * value / extent, of integers, to the nearest integer; halves to the nearest even one. */
function halfToEven(value: number, extent: number): number {
  const whole = Math.floor((SIDE * value) / extent)
  const twice = 2 * (SIDE * value - whole * extent)
  return twice > extent || (twice === extent && whole % 2 === 1) ? whole + 1 : whole
}

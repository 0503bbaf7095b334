/** What reaches the canvas: the curve that the recognition of strokes draws, and only the end of a stroke that grows. */

import { expect, test } from 'vitest'
import { curveThrough } from '../../../core/preprocess/curve.ts'
import type { Point, Stroke } from '../../../web/pad/drawing.ts'
import { paint, paintEnd } from '../../../web/pad/paint.ts'

/** A context that records the lines drawn on it, and the circles, as lines of one point. */
function recorder() {
  const lines: Point[][] = []
  const context = {
    canvas: { width: 280, height: 280 },
    setTransform() {},
    beginPath() {},
    stroke() {},
    fill() {},
    moveTo: (x: number, y: number) => lines.push([[x, y]]),
    lineTo: (x: number, y: number) => lines.at(-1)?.push([x, y]),
    arc: (x: number, y: number) => lines.push([[x, y]]),
  }
  return { lines, context: context as unknown as CanvasRenderingContext2D }
}

const POINTS: readonly Point[] = [[40, 40], [120, 30], [200, 90], [150, 180], [60, 200], [30, 260]] // biome-ignore format: a line
const stroke = (count: number): Stroke => ({ width: 22, points: POINTS.slice(0, count) })

test('a stroke is painted along its curve, a point as a circle', () => {
  const { lines, context } = recorder()
  paint(context, [stroke(6), stroke(1)], '#000')
  expect(lines).toEqual([curveThrough(POINTS, 22 / 4), [POINTS[0]]])
})

test('a stroke that grows is painted from its last point but one on, as it is painted as a whole', () => {
  for (let before = 1; before < POINTS.length; before++) {
    const { lines, context } = recorder()
    paintEnd(context, stroke(before + 1), before, '#000')
    const whole = curveThrough(stroke(before + 1).points, 22 / 4)
    const from = whole.findIndex(
      ([x, y]) => x === POINTS[Math.max(0, before - 2)][0] && y === POINTS[Math.max(0, before - 2)][1],
    )
    expect(lines).toEqual([whole.slice(from)])
  }
})

/** Paints strokes on a canvas: a round pen along the curve through the points that the recognition of strokes draws too. */

import { curveThrough } from '../../core/preprocess/curve.ts'
import { type Point, SIZE, type Stroke } from './drawing.ts'

/** The curve is as exact on the screen as with a pen of this share: its pixels are finer than those that are recognised. */
const FINE = 1 / 4

/** Paints the strokes in one colour over what is there, the drawing's square filling the canvas. */
export function paint(context: CanvasRenderingContext2D, strokes: readonly Stroke[], ink: string): void {
  setPen(context, ink)
  for (const { points, width } of strokes) paintLine(context, curveThrough(points, width * FINE), width)
}

/**
 * Paints the end of a stroke that has grown, over the rest of it.
 * @param before points of it that were painted, at least one
 */
export function paintEnd(
  context: CanvasRenderingContext2D,
  { points, width }: Stroke,
  before: number,
  ink: string,
): void {
  setPen(context, ink)
  // a new point bends the curve from the last point but one on, which depends on the point before that
  const bent = Math.max(0, before - 2)
  const curve = curveThrough(points.slice(Math.max(0, bent - 1)), width * FINE)
  paintLine(context, curve.slice(Math.max(0, curve.indexOf(points[bent] ?? points[0]))), width)
}

function setPen(context: CanvasRenderingContext2D, ink: string): void {
  const { canvas } = context
  context.setTransform(canvas.width / SIZE, 0, 0, canvas.height / SIZE, 0, 0)
  context.lineCap = 'round'
  context.lineJoin = 'round'
  context.strokeStyle = ink
  context.fillStyle = ink
}

function paintLine(context: CanvasRenderingContext2D, [first, ...rest]: readonly Point[], width: number): void {
  if (!first) return
  context.beginPath()
  if (rest.length === 0) {
    context.arc(...first, width / 2, 0, 2 * Math.PI)
    context.fill()
    return
  }
  context.lineWidth = width
  context.moveTo(...first)
  for (const point of rest) context.lineTo(...point)
  context.stroke()
}

/** Paints strokes on a canvas: a round pen along a smooth line through the points. */

import { SIZE, type Stroke } from './drawing.ts'

/**
 * Paints the strokes in one colour over what is there, the drawing's square filling the canvas.
 * Curves are quadratic with the points as controls and the midpoints between them as joints.
 */
export function paint(context: CanvasRenderingContext2D, strokes: readonly Stroke[], ink: string): void {
  const { canvas } = context
  context.setTransform(canvas.width / SIZE, 0, 0, canvas.height / SIZE, 0, 0)
  context.lineCap = 'round'
  context.lineJoin = 'round'
  context.strokeStyle = ink
  context.fillStyle = ink
  for (const { points, width } of strokes) {
    const [first, ...rest] = points
    if (!first) continue
    context.beginPath()
    const last = rest.pop()
    if (!last) {
      context.arc(...first, width / 2, 0, 2 * Math.PI)
      context.fill()
      continue
    }
    context.lineWidth = width
    context.moveTo(...first)
    for (const [i, [x, y]] of rest.entries()) {
      const [nextX, nextY] = rest[i + 1] ?? last
      context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2)
    }
    context.lineTo(...last)
    context.stroke()
  }
}

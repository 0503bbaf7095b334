import { describe, expect, test } from 'vitest'
import { Drawing, type Point } from '../../../web/pad/drawing.ts'

function draw(drawing: Drawing, ...points: Point[]): void {
  const [first, ...rest] = points
  if (first) drawing.down(...first)
  for (const point of rest) drawing.move(...point)
  drawing.up()
}

describe('a drawing', () => {
  test('reports every change, and whether a stroke is open', () => {
    const told: boolean[] = []
    const drawing = new Drawing((settled) => told.push(settled))
    draw(drawing, [10, 10], [20, 20])
    drawing.undo()
    expect(told).toEqual([false, false, true, true])
  })

  test('undo restores exactly the strokes before, one stroke at a time', () => {
    const drawing = new Drawing(() => {})
    draw(drawing, [1, 2], [30, 40.25])
    const one = structuredClone(drawing.strokes)
    drawing.width = 15
    draw(drawing, [5, 5])
    const two = structuredClone(drawing.strokes)
    draw(drawing, [7, 7], [70, 70])
    drawing.undo()
    expect(drawing.strokes).toEqual(two)
    drawing.undo()
    expect(drawing.strokes).toEqual(one)
    drawing.undo()
    expect(drawing.empty).toBe(true)
    drawing.undo()
    expect(drawing.empty).toBe(true)
  })

  test('undo restores a cleared drawing', () => {
    const drawing = new Drawing(() => {})
    draw(drawing, [1, 2], [3, 4])
    draw(drawing, [5, 6], [7, 8])
    const before = structuredClone(drawing.strokes)
    drawing.clear()
    expect(drawing.empty).toBe(true)
    drawing.undo()
    expect(drawing.strokes).toEqual(before)
  })

  test('undo while a stroke is open takes only that stroke back', () => {
    const drawing = new Drawing(() => {})
    draw(drawing, [1, 2], [30, 40])
    drawing.down(5, 5)
    drawing.move(50, 50)
    drawing.undo()
    expect(drawing.strokes).toHaveLength(1)
    expect(drawing.open).toBe(false)
  })

  test('a cancelled stroke leaves neither ink nor a step to undo', () => {
    const drawing = new Drawing(() => {})
    drawing.down(5, 5)
    drawing.cancel()
    expect([drawing.empty, drawing.canUndo, drawing.revision]).toEqual([true, false, 0])
  })

  test('the revision changes with every settled change and with no other', () => {
    const drawing = new Drawing(() => {})
    drawing.down(5, 5)
    drawing.move(50, 50)
    expect(drawing.revision).toBe(0)
    drawing.up()
    drawing.clear()
    drawing.clear()
    drawing.undo()
    expect(drawing.revision).toBe(3)
  })

  test('points nearer than half a unit to the last one add nothing', () => {
    const drawing = new Drawing(() => {})
    draw(drawing, [5, 5], [5.3, 5.3], [5.6, 5.6])
    expect(drawing.strokes[0]?.points).toEqual([
      [5, 5],
      [5.6, 5.6],
    ])
  })

  test('a hundred steps can be undone, and no more are stored', () => {
    const drawing = new Drawing(() => {})
    for (let i = 0; i < 150; i++) draw(drawing, [i, i])
    let steps = 0
    for (; drawing.canUndo; steps++) drawing.undo()
    expect([steps, drawing.strokes.length]).toEqual([100, 50])
  })
})

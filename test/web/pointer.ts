/** Draws on the pad as a person would: stroke by stroke, point by point. */

import type { CDPSession, Page } from 'playwright-core'
import type { Strokes } from '../../core/protocol.ts'
import { SIZE } from '../../web/pad/drawing.ts'

type ToWindow = (point: readonly [number, number]) => { x: number; y: number }

/** With the left button of the mouse. A slow pointer moves at most once per frame, which is all that pages see on plain http. */
export async function drawWithMouse(page: Page, strokes: Strokes, speed: 'fast' | 'slow' = 'fast'): Promise<void> {
  const toWindow = await padToWindow(page)
  for (const [first, ...rest] of strokes) {
    if (!first) continue
    const { x, y } = toWindow(first)
    await page.mouse.move(x, y)
    await page.mouse.down()
    // Waiting for a move means waiting for a frame. A fast pointer makes several moves per frame.
    const moves: Promise<void>[] = []
    for (const { x, y } of rest.map(toWindow)) {
      const move = page.mouse.move(x, y)
      if (speed === 'slow') await move
      moves.push(move)
    }
    await Promise.all(moves)
    await page.mouse.up()
  }
}

/** With one finger. */
export async function drawWithFinger(page: Page, finger: CDPSession, strokes: Strokes): Promise<void> {
  const toWindow = await padToWindow(page)
  for (const stroke of strokes) await swipe(finger, stroke.map(toWindow))
}

/** Moves a finger over the screen, points in CSS px. */
export async function swipe(finger: CDPSession, points: readonly { x: number; y: number }[]): Promise<void> {
  const [first, ...rest] = points
  if (!first) return
  await finger.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [first] })
  const move = (point: { x: number; y: number }) =>
    finger.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [point] })
  await Promise.all(rest.map(move))
  await finger.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
}

/** From the pad's units to CSS px in the window. */
async function padToWindow(page: Page): Promise<ToWindow> {
  const box = await page.locator('#pad').boundingBox()
  if (!box) throw new Error('the pad is not on the screen')
  return ([x, y]) => ({ x: box.x + (x / SIZE) * box.width, y: box.y + (y / SIZE) * box.height })
}

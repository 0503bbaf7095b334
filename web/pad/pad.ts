/** The pad on the screen: handles mouse, finger and pen, and shows the drawing sharp at any pixel density. */

import { type Pen, type Point, SIZE, type Stroke } from './drawing.ts'
import { paint, paintEnd } from './paint.ts'

/** The keyboard's pen, as shown on the pad. */
export interface Cursor {
  readonly at: Point // units
  readonly width: number // units, of the pen
  readonly down: boolean
}

export interface Pad {
  show(strokes: readonly Stroke[], cursor?: Cursor): void
}

/** Moves the pen on pointer events of the canvas. `resized` is called when the drawing must be shown again. */
export function createPad(canvas: HTMLCanvasElement, pen: Pen, resized: () => void): Pad {
  const context = canvas.getContext('2d')
  if (!context) throw new Error('this browser has no canvas')
  handlePointer(canvas, pen)
  let shown: Shown | undefined // undefined where all has to be painted anew
  keepSharp(canvas, () => {
    shown = undefined
    resized()
  })

  return {
    show(strokes, cursor) {
      const style = getComputedStyle(canvas) // the theme's ink, or the system's in forced colours
      const ink = style.color
      const last = strokes.at(-1)
      if (shown && last && !cursor && grownBy(shown, strokes, ink)) paintEnd(context, last, shown.points, ink)
      else {
        context.setTransform(1, 0, 0, 1, 0, 0)
        context.clearRect(0, 0, canvas.width, canvas.height)
        paint(context, strokes, ink)
        if (cursor) paintCursor(context, cursor, style.accentColor === 'auto' ? ink : style.accentColor)
      }
      shown = cursor ? undefined : { strokes, points: last?.points.length ?? 0, ink }
    },
  }
}

/** What is on the canvas. */
interface Shown {
  readonly strokes: readonly Stroke[]
  readonly points: number // of the last stroke, which may have grown since
  readonly ink: string
}

/** Whether what is shown differs from `strokes` only by points at the end of the last stroke. */
function grownBy(shown: Shown, strokes: readonly Stroke[], ink: string): boolean {
  const last = strokes.length - 1
  return (
    shown.ink === ink &&
    shown.strokes.length === strokes.length &&
    shown.points > 0 &&
    strokes[last].points.length > shown.points &&
    strokes.every((stroke, k) => (k < last ? stroke === shown.strokes[k] : stroke.points === shown.strokes[k].points))
  )
}

function paintCursor(context: CanvasRenderingContext2D, { at, width, down }: Cursor, colour: string): void {
  context.beginPath()
  context.arc(...at, width / 2 + 2, 0, 2 * Math.PI)
  context.lineWidth = down ? 4 : 2
  context.strokeStyle = colour
  context.stroke()
}

function handlePointer(canvas: HTMLCanvasElement, pen: Pen): void {
  let active: { readonly id: number; readonly type: string } | undefined

  function at(event: PointerEvent): Point {
    const box = canvas.getBoundingClientRect()
    return [((event.clientX - box.left) / box.width) * SIZE, ((event.clientY - box.top) / box.height) * SIZE]
  }

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return
    // A second finger is ignored. A pen replaces the palm that touched the screen before it.
    if (active && !(event.pointerType === 'pen' && active.type === 'touch')) return
    if (active) pen.cancel()
    active = { id: event.pointerId, type: event.pointerType }
    event.preventDefault()
    canvas.setPointerCapture(event.pointerId)
    pen.down(...at(event))
  })
  canvas.addEventListener('pointermove', (event) => {
    if (event.pointerId !== active?.id) return
    // getCoalescedEvents is missing on plain http, being a secure-context feature, and empty for synthetic events.
    const events = event.getCoalescedEvents?.() ?? []
    for (const point of events.length > 0 ? events : [event]) pen.move(...at(point))
  })
  canvas.addEventListener('pointerup', (event) => {
    if (event.pointerId !== active?.id) return
    active = undefined
    pen.move(...at(event))
    pen.up()
  })
  // The system has cancelled the pointer (a gesture, a palm, a call): its stroke was not intended.
  canvas.addEventListener('pointercancel', (event) => {
    if (event.pointerId !== active?.id) return
    active = undefined
    pen.cancel()
  })
  // Older iOS scrolls and opens its magnifier despite touch-action.
  canvas.addEventListener('touchstart', (event) => event.preventDefault(), { passive: false })
  canvas.addEventListener('contextmenu', (event) => event.preventDefault())
}

/** Keeps one canvas pixel on one device pixel through every change of layout, zoom and screen. */
function keepSharp(canvas: HTMLCanvasElement, resized: () => void): void {
  function measure(): void {
    const width = Math.round(canvas.clientWidth * devicePixelRatio)
    const height = Math.round(canvas.clientHeight * devicePixelRatio)
    if (width === 0 || (width === canvas.width && height === canvas.height)) return
    canvas.width = width
    canvas.height = height
    resized()
  }
  new ResizeObserver(measure).observe(canvas)
  // Zooming changes the density together with the window. Moving to another screen changes only the density, which has no
  // event of its own: this query stops matching then, and is made again.
  addEventListener('resize', measure)
  function watchDensity(): void {
    const changed = (): void => {
      measure()
      watchDensity()
    }
    matchMedia(`(resolution: ${devicePixelRatio}dppx)`).addEventListener('change', changed, { once: true })
  }
  watchDensity()
}

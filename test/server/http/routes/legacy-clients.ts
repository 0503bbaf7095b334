/**
 * What the pages of three older programs put on the wire, byte for byte as a browser sends it: written after their
 * sources, not taken from them. A drawing is the ink of a canvas or of a grid of cells.
 */

import { PNG } from 'pngjs'

type Point = readonly [x: number, y: number] // 0..1 of the canvas

/** Digits as strokes of the kind these pages' visitors draw. */
export const STROKES: Readonly<Record<number, readonly Point[]>> = {
  0: Array.from({ length: 25 }, (_, k): Point => {
    const turn = (k / 24) * 2 * Math.PI
    return [0.5 + 0.2 * Math.sin(turn), 0.5 - 0.3 * Math.cos(turn)]
  }),
  1: [
    [0.52, 0.2],
    [0.48, 0.8],
  ],
  7: [
    [0.28, 0.22],
    [0.72, 0.22],
    [0.45, 0.8],
  ],
}

/** Whether a round pen of `width` px leaves ink on each pixel of a square canvas. */
export function ink(digit: number, side: number, width: number): boolean[] {
  const points = STROKES[digit].map(([x, y]) => [x * side, y * side])
  const near = (x: number, y: number) =>
    points.slice(1).some(([x1, y1], k) => {
      const [x0, y0] = points[k]
      const [dx, dy] = [x1 - x0, y1 - y0]
      const along = Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy)))
      return Math.hypot(x - x0 - along * dx, y - y0 - along * dy) <= width / 2
    })
  return Array.from({ length: side * side }, (_, k) => near((k % side) + 0.5, Math.floor(k / side) + 0.5))
}

type Rgba = readonly [number, number, number, number]

/** Those pixels in two colours, as `getImageData` gives them. */
export function pixels(cover: readonly boolean[], pen: Rgba, paper: Rgba): Uint8ClampedArray {
  return Uint8ClampedArray.from(cover.flatMap((covered) => (covered ? pen : paper)))
}

/** `canvas.toDataURL()` of a square canvas. */
export function toDataUrl(rgba: Uint8ClampedArray): string {
  const side = Math.sqrt(rgba.length / 4)
  const png = new PNG({ width: side, height: side })
  png.data.set(rgba)
  return `data:image/png;base64,${PNG.sync.write(png).toString('base64')}`
}

interface Options {
  readonly origin?: string
}

function request(port: number, start: string, fields: readonly string[], body: string, { origin }: Options): string {
  const headers = [`Host: localhost:${port}`, ...(origin ? [`Origin: ${origin}`] : []), ...fields]
  return `${start} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`
}

const post = (port: number, path: string, type: string, body: string, options: Options, more: readonly string[] = []) =>
  request(port, `POST ${path}`, [`Content-Type: ${type}`, `Content-Length: ${body.length}`, ...more], body, options)

/** The zoo's page when it opens: axios asks for the models. */
export function listModels(port: number, options: Options = {}): string {
  return request(port, 'GET /list', ['Accept: application/json, text/plain, */*'], '', options)
}

/** The zoo's page on Submit: axios sends a FormData with the template's empty token, 784 cells and the model's id. */
export function processForm(port: number, digit: string, model: string, options: Options = {}): string {
  return processFields(port, { csrfmiddlewaretoken: '', digit, model }, options)
}

/** A form of any fields, as a browser writes it. */
export function processFields(port: number, fields: Readonly<Record<string, string>>, options: Options = {}): string {
  const boundary = '----WebKitFormBoundaryq7uPWzZ1mB0yR5dA'
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const body = `${parts.join('')}--${boundary}--\r\n`
  return post(port, '/process', `multipart/form-data; boundary=${boundary}`, body, options)
}

/** The convolutional network's page on Predict: jQuery sends the data URL as it is, under the type it gives any string. */
export function predictDataUrl(port: number, url: string, options: Options = {}): string {
  const type = 'application/x-www-form-urlencoded; charset=UTF-8'
  return post(port, '/predict/', type, url, options, ['X-Requested-With: XMLHttpRequest'])
}

/** The small network's page on Predict: an object with one member for every value of the canvas. */
export function predictPixels(port: number, rgba: Uint8ClampedArray, options: Options = {}): string {
  return post(port, '/predict', 'application/json', JSON.stringify(rgba), options)
}

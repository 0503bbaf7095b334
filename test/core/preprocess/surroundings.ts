/** Pictures of a drawing with something around its paper: frames, bars, windows, mats, pages. Seeded: the same index gives the same picture. */

import type { Raster } from '../../../core/data/raster.ts'
import type { Strokes } from '../../../core/protocol.ts'
import { Random } from '../../../core/random.ts'
import { Canvas, type Colour, type Rectangle } from './canvas.ts'

/** What the pictures of one index have in common. */
interface Setting {
  readonly random: Random
  readonly paper: Colour
  readonly ink: Colour
  readonly strokes: Strokes
}

function between(random: Random, least: number, most: number): number {
  return least + random.below(most - least + 1)
}

function distance(a: Colour, b: Colour): number {
  return Math.max(...a.map((level, c) => Math.abs(level - b[c])))
}

/** A colour at least `apart` levels from all others: often a grey, sometimes black or white. */
function otherColour(random: Random, others: readonly Colour[], apart = 40): Colour {
  for (;;) {
    const kind = random.uniform()
    const grey = kind < 0.3 ? 0 : kind < 0.4 ? 255 : random.below(256)
    const colour: Colour = kind < 0.7 ? [grey, grey, grey] : [random.below(256), random.below(256), random.below(256)]
    if (others.every((other) => distance(colour, other) >= apart)) return colour
  }
}

/** Fills a rectangle with paper and draws the digit on it, somewhere, of some size, at least `gap` px from its edges. */
function drawOn(canvas: Canvas, { random, paper, ink, strokes }: Setting, place: Rectangle, radius = 0, gap = 3): void {
  canvas.fill(place, paper, radius)
  drawDigit(canvas, { random, paper, ink, strokes }, place, gap)
}

/** Draws the digit in a rectangle, somewhere, of some size, at least `gap` px from its edges. */
function drawDigit(canvas: Canvas, { random, ink, strokes }: Setting, place: Rectangle, gap: number): void {
  const shorter = Math.min(place.width, place.height) - 2 * gap
  const side = Math.max(24, Math.floor(shorter * (0.45 + 0.5 * random.uniform())))
  const pen = Math.max(2, Math.floor(side * (0.05 + 0.08 * random.uniform())))
  const left = place.left + gap + random.below(Math.max(1, place.width - 2 * gap - side))
  const top = place.top + gap + random.below(Math.max(1, place.height - 2 * gap - side))
  canvas.draw(strokes, { left, top, width: side, height: side }, pen, ink)
}

/** Noise on a canvas. */
function grain(canvas: Canvas, random: Random, depth: number): void {
  for (let i = 0; i < canvas.data.length; i += 4) {
    const change = between(random, -depth, depth)
    for (let c = 0; c < 3; c++) canvas.data[i + c] += change
  }
}

function inset({ left, top, width, height }: Rectangle, by: number): Rectangle {
  return { left: left + by, top: top + by, width: width - 2 * by, height: height - 2 * by }
}

function whole(canvas: Canvas): Rectangle {
  return { left: 0, top: 0, width: canvas.width, height: canvas.height }
}

/** An empty picture of some size. */
function sheet({ random, paper }: Setting, colour: Colour = paper): Canvas {
  const square = random.uniform() < 0.5
  const width = between(random, 100, 600)
  return new Canvas(width, square ? width : between(random, 100, 600), colour)
}

/** Either the ink's colour or another. */
function lineColour({ random, paper, ink }: Setting): Colour {
  return random.uniform() < 0.4 ? ink : otherColour(random, [paper], 60)
}

function lineWidth(random: Random, canvas: Canvas): number {
  const most = Math.max(2, Math.floor(Math.min(canvas.width, canvas.height) / 12))
  return random.uniform() < 0.5 ? between(random, 1, 3) : between(random, 1, most)
}

/** A window with title bar at a place; returns what is inside of it. */
function drawWindow(canvas: Canvas, { random, paper, ink }: Setting, place: Rectangle, radius: number): Rectangle {
  const bar = Math.max(8, Math.min(36, Math.floor(place.height * (0.06 + 0.1 * random.uniform()))))
  const title = otherColour(random, [paper], 24)
  const letters = otherColour(random, [title], 90)
  const border = random.below(3)
  canvas.fill(place, random.uniform() < 0.5 ? title : otherColour(random, [paper], 40), radius)
  const inside = inset(place, border)
  canvas.fill({ ...inside, height: bar }, title, Math.max(0, radius - border))
  const size = Math.max(4, Math.floor(bar * 0.45))
  const top = inside.top + ((bar - size) >> 1)
  if (random.uniform() < 0.7)
    canvas.text(
      random,
      inside.left + Math.floor(inside.width * 0.3),
      top,
      Math.floor(inside.width * 0.3),
      size,
      letters,
    )
  for (let k = 0; k < random.below(4); k++) {
    const left =
      random.uniform() < 0.5 ? inside.left + 6 + k * (size + 5) : inside.left + inside.width - (k + 1) * (size + 5)
    canvas.fill(
      { left, top, width: size, height: size },
      random.uniform() < 0.3 ? ink : otherColour(random, [title], 60),
      size / 2,
    )
  }
  if (random.uniform() < 0.3)
    canvas.fill({ ...inside, top: inside.top + bar - 1, height: 1 }, otherColour(random, [paper], 60))
  return { left: inside.left, top: inside.top + bar, width: inside.width, height: inside.height - bar }
}

/** A place inside of a rectangle that leaves some room on every side. */
function placeIn(random: Random, { left, top, width, height }: Rectangle, least = 0.35): Rectangle {
  const w = Math.floor(width * (least + (0.92 - least) * random.uniform()))
  const h = Math.floor(height * (least + (0.92 - least) * random.uniform()))
  return {
    left: left + 3 + random.below(width - w - 5),
    top: top + 3 + random.below(height - h - 5),
    width: w,
    height: h,
  }
}

/** Each kind of surroundings. */
export const SURROUNDINGS: Readonly<Record<string, (setting: Setting) => Raster>> = {
  plain(setting) {
    const canvas = sheet(setting)
    drawOn(canvas, setting, whole(canvas))
    return canvas.raster()
  },
  frame(setting) {
    const { random } = setting
    const canvas = sheet(setting, lineColour(setting))
    let inside = inset(whole(canvas), lineWidth(random, canvas))
    if (random.uniform() < 0.3) {
      canvas.fill(inside, setting.paper)
      inside = inset(inside, between(random, 1, 5))
      canvas.fill(inside, lineColour(setting))
      inside = inset(inside, lineWidth(random, canvas))
    }
    const radius = random.uniform() < 0.3 ? random.below(Math.floor(Math.min(inside.width, inside.height) / 8)) : 0
    drawOn(canvas, setting, inside, radius)
    return canvas.raster()
  },
  gap(setting) {
    const { random } = setting
    const canvas = sheet(setting)
    const gap = between(random, 1, Math.floor(Math.min(canvas.width, canvas.height) / 6))
    const outer = random.uniform() < 0.5 ? inset(whole(canvas), gap) : placeIn(random, whole(canvas), 0.5)
    const radius = random.uniform() < 0.4 ? random.below(Math.floor(Math.min(outer.width, outer.height) / 8)) : 0
    const width = lineWidth(random, canvas)
    canvas.fill(outer, lineColour(setting), radius)
    drawOn(canvas, setting, inset(outer, width), Math.max(0, radius - width))
    return canvas.raster()
  },
  bars(setting) {
    const { random } = setting
    const canvas = sheet(setting, random.uniform() < 0.5 ? setting.ink : otherColour(random, [setting.paper], 30))
    const sides = 1 + random.below(15)
    const [left, right] = [1, 2].map((bit) => (sides & bit ? between(random, 1, Math.floor(canvas.width / 4)) : 0))
    const [top, bottom] = [4, 8].map((bit) => (sides & bit ? between(random, 1, Math.floor(canvas.height / 4)) : 0))
    drawOn(canvas, setting, { left, top, width: canvas.width - left - right, height: canvas.height - top - bottom })
    return canvas.raster()
  },
  pillars(setting) {
    const { random, ink } = setting
    const canvas = sheet(setting, random.uniform() < 0.5 ? ink : otherColour(random, [setting.paper], 30))
    const bar = between(random, 2, Math.floor(canvas.width / 4))
    drawOn(canvas, setting, { left: bar, top: 0, width: canvas.width - 2 * bar, height: canvas.height })
    return canvas.raster()
  },
  letterbox(setting) {
    const { random, ink } = setting
    const canvas = sheet(setting, random.uniform() < 0.5 ? ink : otherColour(random, [setting.paper], 30))
    const bar = between(random, 2, Math.floor(canvas.height / 4))
    drawOn(canvas, setting, { left: 0, top: bar, width: canvas.width, height: canvas.height - 2 * bar })
    return canvas.raster()
  },
  'title bar'(setting) {
    const canvas = sheet(setting)
    drawOn(canvas, setting, drawWindow(canvas, setting, whole(canvas), 0))
    return canvas.raster()
  },
  window(setting) {
    const { random } = setting
    const canvas = sheet(setting, random.uniform() < 0.3 ? setting.paper : otherColour(random, [setting.paper], 20))
    const place = placeIn(random, whole(canvas), 0.5)
    if (random.uniform() < 0.6)
      canvas.shadow({ ...place, top: place.top + random.below(6) }, between(random, 4, 20), 0.4)
    drawOn(canvas, setting, drawWindow(canvas, setting, place, random.uniform() < 0.5 ? random.below(10) : 0))
    return canvas.raster()
  },
  mat(setting) {
    const { random, paper } = setting
    const canvas = sheet(setting, otherColour(random, [paper], 30))
    let inside = inset(
      whole(canvas),
      Math.floor(Math.min(canvas.width, canvas.height) * (0.02 + 0.08 * random.uniform())),
    )
    for (let layer = 0; layer < 1 + random.below(3); layer++) {
      canvas.fill(inside, otherColour(random, [paper], 30))
      inside = inset(inside, between(random, 1, Math.floor(Math.min(canvas.width, canvas.height) / 14)))
    }
    drawOn(canvas, setting, inside)
    return canvas.raster()
  },
  page(setting) {
    const { random, paper, ink } = setting
    const page = random.uniform() < 0.3 ? ink : otherColour(random, [paper], 20)
    const canvas = sheet(setting, page)
    const place = placeIn(random, whole(canvas), 0.3)
    const size = Math.max(5, Math.floor(canvas.height / 40))
    if (random.uniform() < 0.4) {
      const letters = otherColour(random, [page], 80)
      for (let y = size; y + size < canvas.height; y += 2 * size)
        canvas.text(random, 4, y, Math.floor(canvas.width * (0.3 + 0.6 * random.uniform())), size, letters)
      canvas.fill(inset(place, -3), page)
    }
    if (random.uniform() < 0.3)
      canvas.shadow(
        { ...place, left: place.left + random.below(5), top: place.top + random.below(6) },
        between(random, 3, 14),
        0.4,
      )
    const radius = random.uniform() < 0.3 ? random.below(Math.floor(Math.min(place.width, place.height) / 8)) : 0
    const line = random.uniform() < 0.4 ? between(random, 1, 3) : 0
    if (line > 0) canvas.fill(place, lineColour(setting), radius)
    drawOn(canvas, setting, inset(place, line), Math.max(0, radius - line))
    return canvas.raster()
  },
  'line pieces'(setting) {
    const { random } = setting
    const canvas = sheet(setting)
    const gap = Math.floor(Math.min(canvas.width, canvas.height) * 0.1)
    drawOn(canvas, setting, whole(canvas), 0, gap)
    for (let k = 0; k < 1 + random.below(3); k++) {
      const thick = between(random, 1, Math.max(2, Math.floor(Math.min(canvas.width, canvas.height) / 60)))
      const away = random.uniform() < 0.6 ? 0 : random.below(Math.max(1, gap - thick - 2))
      const upright = random.uniform() < 0.5
      const [along, across] = upright ? [canvas.height, canvas.width] : [canvas.width, canvas.height]
      const length = Math.floor(along * (0.15 + 0.85 * random.uniform()))
      const from = random.below(along - length + 1)
      const at = random.uniform() < 0.5 ? away : across - away - thick
      canvas.fill(
        upright
          ? { left: at, top: from, width: thick, height: length }
          : { left: from, top: at, width: length, height: thick },
        lineColour(setting),
      )
    }
    return canvas.raster()
  },
  corner(setting) {
    const { random } = setting
    const canvas = sheet(setting)
    const gap = Math.floor(Math.min(canvas.width, canvas.height) * 0.1)
    drawOn(canvas, setting, whole(canvas), 0, gap)
    const thick = between(random, 1, Math.max(2, Math.floor(Math.min(canvas.width, canvas.height) / 60)))
    const colour = lineColour(setting)
    const [x, y] = [canvas.width, canvas.height].map((side) =>
      random.uniform() < 0.5 ? random.below(gap - thick) : side - thick - random.below(gap - thick),
    )
    const [right, down] = [x < canvas.width / 2, y < canvas.height / 2]
    canvas.fill({ left: right ? x : 0, top: y, width: right ? canvas.width - x : x + thick, height: thick }, colour)
    canvas.fill({ left: x, top: down ? y : 0, width: thick, height: down ? canvas.height - y : y + thick }, colour)
    return canvas.raster()
  },
  nested(setting) {
    const { random, paper } = setting
    const canvas = sheet(setting, otherColour(random, [paper], 30))
    let place = whole(canvas)
    if (random.uniform() < 0.5) place = inset(place, lineWidth(random, canvas))
    canvas.fill(place, otherColour(random, [paper], 30))
    place = drawWindow(canvas, setting, placeIn(random, place, 0.6), random.below(8))
    canvas.fill(place, random.uniform() < 0.4 ? paper : otherColour(random, [paper], 20))
    place = placeIn(random, place, 0.6)
    canvas.fill(place, lineColour(setting))
    drawOn(canvas, setting, inset(place, between(random, 1, 4)))
    return canvas.raster()
  },
  touching(setting) {
    const { random } = setting
    const canvas = sheet(setting, random.uniform() < 0.4 ? setting.ink : otherColour(random, [setting.paper], 60))
    const side = Math.min(canvas.width, canvas.height)
    const inside = inset(whole(canvas), between(random, 1, Math.floor(side / 8)))
    canvas.fill(inside, setting.paper)
    const size = Math.floor(Math.min(inside.width, inside.height) * 0.85)
    const pen = Math.max(3, Math.floor(size * (0.06 + 0.06 * random.uniform())))
    const left = inside.left + random.below(inside.width - size)
    const top = random.uniform() < 0.5 ? inside.top - 2 : inside.top + inside.height - size + 2
    canvas.draw(setting.strokes, { left, top, width: size, height: size }, pen, setting.ink)
    return canvas.raster()
  },
  desk(setting) {
    // a sheet lying at an angle on something dark or light, in uneven colours
    const { random, paper } = setting
    const canvas = sheet(setting, otherColour(random, [paper], 60))
    const [w, h] = [canvas.width, canvas.height]
    if (random.uniform() < 0.5) grain(canvas, random, 20)
    const slope = (random.uniform() - 0.5) * 0.2
    const [halfW, halfH] = [w * (0.33 + 0.08 * random.uniform()), h * (0.33 + 0.08 * random.uniform())]
    const norm = Math.sqrt(1 + slope * slope)
    for (let y = 0; y < h; y++) {
      for (let x = 0; x < w; x++) {
        const [u, v] = [
          (x + 0.5 - w / 2 + slope * (y + 0.5 - h / 2)) / norm,
          (y + 0.5 - h / 2 - slope * (x + 0.5 - w / 2)) / norm,
        ]
        canvas.blend(x, y, paper, Math.min(halfW - Math.abs(u), halfH - Math.abs(v)) + 0.5)
      }
    }
    const margin = Math.ceil(Math.abs(slope) * Math.max(halfW, halfH)) + 3
    const place = {
      left: Math.ceil(w / 2 - halfW) + margin,
      top: Math.ceil(h / 2 - halfH) + margin,
      width: Math.floor(2 * (halfW - margin)),
      height: Math.floor(2 * (halfH - margin)),
    }
    drawDigit(canvas, setting, place, 1)
    return canvas.raster()
  },
  'drawn box'(setting) {
    const { random, ink } = setting
    const canvas = sheet(setting)
    const place = placeIn(random, whole(canvas), 0.6)
    const pen = Math.max(2, Math.floor(Math.min(place.width, place.height) * (0.015 + 0.05 * random.uniform())))
    const wobble = (): number => (random.uniform() - 0.5) * 0.04
    const corners = [
      [0, 0],
      [0.5, 0],
      [1, 0],
      [1, 0.5],
      [1, 1],
      [0.5, 1],
      [0, 1],
      [0, 0.5],
    ].map(([x, y]) => [(x + wobble()) * place.width, (y + wobble()) * place.height] as const)
    canvas.draw([[...corners, corners[0]]], place, pen, random.uniform() < 0.6 ? ink : lineColour(setting))
    drawDigit(canvas, setting, inset(place, pen + Math.ceil(0.06 * Math.max(place.width, place.height))), 1)
    return canvas.raster()
  },
  'grainy page'(setting) {
    const { random, paper } = setting
    const canvas = sheet(setting, otherColour(random, [paper], 50))
    grain(canvas, random, 30 + random.below(60))
    drawOn(canvas, setting, placeIn(random, whole(canvas), 0.4))
    return canvas.raster()
  },
  table(setting) {
    const { random } = setting
    const canvas = sheet(setting)
    const [columns, rows] = [1 + random.below(3), 1 + random.below(3)]
    const [cw, ch] = [Math.floor((canvas.width - 8) / columns), Math.floor((canvas.height - 8) / rows)]
    const colour = lineColour(setting)
    const thick = between(random, 1, 4)
    for (let k = 0; k <= columns; k++)
      canvas.fill({ left: 2 + k * cw, top: 2, width: thick, height: rows * ch + thick }, colour)
    for (let k = 0; k <= rows; k++)
      canvas.fill({ left: 2, top: 2 + k * ch, width: columns * cw + thick, height: thick }, colour)
    drawDigit(
      canvas,
      setting,
      {
        left: 2 + thick + random.below(columns) * cw,
        top: 2 + thick + random.below(rows) * ch,
        width: cw - thick,
        height: ch - thick,
      },
      2,
    )
    return canvas.raster()
  },
}

/** A drawing in surroundings of a kind. Every fourth picture has noise, as lossy compression leaves it. */
export function surrounded(strokes: Strokes, kind: string, seed: number, index: number): Raster {
  const random = new Random(seed, index)
  const paper: Colour = random.uniform() < 0.5 ? [255, 255, 255] : otherColour(random, [], 0)
  const ink = otherColour(random, [paper], 110)
  const image = SURROUNDINGS[kind]({ random, paper, ink, strokes })
  if (index % 4 === 3) {
    for (let i = 0; i < image.data.length; i++)
      if (i % 4 < 3) image.data[i] = Math.max(0, Math.min(255, image.data[i] + between(random, -5, 5)))
  }
  return image
}

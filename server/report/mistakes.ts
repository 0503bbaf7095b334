/** A contact sheet of a model's mistakes: its inputs, each with the digit and the answer. */

import { PNG } from 'pngjs'
import { CLASSES } from '../../core/data/dataset.ts'
import type { Evaluation, LabelledImages } from '../../core/models/evaluation.ts'
import { asPercent } from './percent.ts'
import type { Plotter } from './plot.ts'

const MOST = 100 // mistakes shown, the most confident first
const COLUMNS = 10
const SIDE = 28 // px of a picture
const SHOWN = 56 // px of a picture on the sheet
const CELL = { width: 80, height: 86 } // px

interface Mistake {
  readonly picture: string // data URL
  readonly caption: string
  readonly column: number
  readonly row: number
}

/**
 * An SVG file with the most confident mistakes first; where a drawing is no digit, any digit is one. It shows pictures of the data set, so it must not be published with a
 * model.
 */
export function drawMistakes(
  { Plot, draw }: Plotter,
  title: string,
  { answers, confidences, scores, others }: Evaluation,
  set: LabelledImages,
): string {
  const wrong = Array.from({ length: set.count }, (_, i) => i).filter((i) =>
    set.labels[i] < CLASSES ? answers[i] !== set.labels[i] : answers[i] < CLASSES && scores[i] >= others[i],
  )
  const shown = wrong.toSorted((a, b) => confidences[b] - confidences[a] || a - b).slice(0, MOST)
  const mistakes = shown.map((i, place): Mistake => {
    const answer = answers[i] < CLASSES ? `${answers[i]}, ${asPercent(confidences[i], 0)}` : 'none'
    return {
      picture: pictureUrl(set.images.subarray(i * SIDE * SIDE, (i + 1) * SIDE * SIDE)),
      caption: `${set.labels[i] < CLASSES ? set.labels[i] : 'no digit'} → ${answer}`,
      column: place % COLUMNS,
      row: Math.floor(place / COLUMNS),
    }
  })
  const rows = Math.max(1, Math.ceil(mistakes.length / COLUMNS))
  const place = { x: 'column', y: 'row' } as const
  return draw({
    width: COLUMNS * CELL.width + 20,
    height: rows * CELL.height + 50,
    options: {
      marginLeft: 10,
      marginRight: 10,
      marginTop: 40,
      marginBottom: 10,
      x: { domain: [-0.5, COLUMNS - 0.5], axis: null },
      y: { domain: [rows - 0.5, -0.5], axis: null },
      marks: [
        Plot.text([`${title}: ${shown.length} of ${wrong.length} mistakes, the surest first: digit → answer`], {
          frameAnchor: 'top-left',
          dy: -28,
          fontSize: 13,
        }),
        Plot.image(mistakes, {
          ...place,
          src: 'picture',
          width: SHOWN,
          height: SHOWN,
          dy: -8,
          imageRendering: 'pixelated',
        }),
        Plot.text(mistakes, { ...place, text: 'caption', dy: SHOWN / 2, fontSize: 11 }),
      ],
    },
  })
}

// 784 bytes, 0 for paper, as a PNG that is dark on light.
function pictureUrl(bytes: Uint8Array): string {
  const png = new PNG({ width: SIDE, height: SIDE, colorType: 0, inputColorType: 0, inputHasAlpha: false, bitDepth: 8 })
  png.data = Buffer.from(bytes.map((ink) => 255 - ink))
  const file = PNG.sync.write(png, { colorType: 0, inputColorType: 0, inputHasAlpha: false, bitDepth: 8 })
  return `data:image/png;base64,${file.toString('base64')}`
}

/** The ten digits in square lettering: upright and level pieces between corners, as on a seven-segment display. */

import type { Draws } from '../draws.ts'
import { Skeleton } from '../skeleton.ts'
import type { Style } from './style.ts'

type Corner = readonly [number, number]

/** Width, middle, and how far pieces that meet another stand out or fall short. */
function measures(draws: Draws): { w: number; m: number; out: () => number } {
  const precise = draws.between(0, 0.06)
  return { w: draws.between(0.42, 0.68), m: draws.between(0.4, 0.58), out: () => precise * draws.centred() }
}

const style = (name: string, weight: number, pen: number, skeleton: (draws: Draws) => Skeleton): Style => {
  return { name: `square-${name}`, weight, pen, skeleton }
}

/** One stroke that either goes through the corners as they are, or backwards. */
function stroke(...corners: readonly Corner[]): Skeleton {
  return new Skeleton().line(...corners)
}

export const SQUARE_DIGITS: readonly (readonly Style[])[] = [
  [
    style('ring', 1, 16, (draws) => {
      const { w, out } = measures(draws)
      return stroke([0, out()], [0, 1], [w, 1], [w, 0], [out(), 0])
    }),
  ],
  [
    style('bar', 1, 20, () => stroke([0, 0], [0, 1])),
    style('flag', 1, 14, (draws) => stroke([-draws.between(0.15, 0.3), draws.between(0.15, 0.3)], [0, 0], [0, 1])),
    style('foot', 1, 12, (draws) => {
      const w = draws.between(0.18, 0.32)
      const flag = draws.between(0.12, 0.25)
      return stroke([-flag, draws.chance(0.4) ? 0 : flag], [0, 0], [0, 1]).line([-w, 1], [w, 1])
    }),
  ],
  [
    style('two', 1, 13, (draws) => {
      const { w, m, out } = measures(draws)
      return stroke([out(), 0], [w, 0], [w, m], [0, m], [0, 1], [w + out(), 1])
    }),
  ],
  [
    style('three', 1, 13, (draws) => {
      const { w, m, out } = measures(draws)
      return stroke([out(), 0], [w, 0], [w, 1], [out(), 1]).line([w * draws.between(0, 0.4), m], [w + out(), m])
    }),
    style('three-stroke', 0.6, 13, (draws) => {
      const { w, m, out } = measures(draws)
      const middle = w * draws.between(0.1, 0.45)
      return stroke([out(), 0], [w, 0], [w, m], [middle, m], [w, m], [w, 1], [out(), 1])
    }),
  ],
  [
    style('four', 1, 15, (draws) => {
      const { w, m, out } = measures(draws)
      return stroke([0, draws.between(0, 0.15)], [0, m], [w + out() + draws.between(0, 0.15), m]).line([w, 0], [w, 1])
    }),
    style('four-closed', 0.6, 12, (draws) => {
      const { w, m, out } = measures(draws)
      return stroke([w + out() + draws.between(0, 0.15), m], [0, m], [w * draws.between(0.75, 0.95), 0], [w, 0], [w, 1])
    }),
  ],
  [
    style('five', 1, 13, (draws) => {
      const { w, m, out } = measures(draws)
      return stroke([w + out(), 0], [0, 0], [0, m], [w, m], [w, 1], [out(), 1])
    }),
    style('five-bar', 0.5, 13, (draws) => {
      const { w, m, out } = measures(draws)
      return stroke([0, out()], [0, m], [w, m], [w, 1], [out(), 1]).line([out(), 0], [w + out(), 0])
    }),
  ],
  [
    style('six', 2, 13, (draws) => {
      const { w, m, out } = measures(draws)
      return stroke([w * draws.between(0.75, 1.05), out()], [0, 0], [0, 1], [w, 1], [w, m], [out(), m])
    }),
    style('six-tail', 0.5, 13, (draws) => {
      const { w, m, out } = measures(draws) // without the piece at the top
      return stroke([out(), 0], [0, 1], [w, 1], [w, m], [out(), m])
    }),
  ],
  [
    style('seven', 1, 16, (draws) => {
      const { w, out } = measures(draws)
      return stroke([out(), 0], [w + 0.06, 0], [w + 0.06 + out(), 1])
    }),
    style('seven-serif', 0.6, 14, (draws) => {
      const { w, out } = measures(draws)
      return stroke([out(), draws.between(0.12, 0.28)], [0, 0], [w, 0], [w + out(), 1])
    }),
    style('seven-slant', 0.8, 14, (draws) => {
      const { w, out } = measures(draws)
      return stroke([out(), 0], [w, 0], [w * draws.between(0.2, 0.6), 1])
    }),
  ],
  [
    style('eight', 1, 12, (draws) => {
      const { w, m, out } = measures(draws)
      return stroke([0, out()], [0, 1], [w, 1], [w, 0], [out(), 0]).line([out(), m], [w + out(), m])
    }),
    style('eight-stroke', 0.6, 12, (draws) => {
      const { w, m, out } = measures(draws)
      return stroke([w, m], [w, 0], [0, 0], [0, m], [w, m], [w, 1], [0, 1], [out(), m + out()])
    }),
  ],
  [
    style('nine', 1, 13, (draws) => {
      const { w, m, out } = measures(draws)
      return stroke([w + out(), m], [0, m], [0, 0], [w, 0], [w, 1])
    }),
    style('nine-hook', 1, 13, (draws) => {
      const { w, m, out } = measures(draws)
      return stroke([w + out(), m], [0, m], [0, 0], [w, 0], [w, 1], [out() + w * draws.between(0, 0.3), 1])
    }),
  ],
]

/**
 * The curve of a pen through the points of a stroke: a centripetal Catmull-Rom spline (Yuksel, Schaefer, Keyser 2009), which has
 * neither loops nor cusps between its points. Drawings with few points get round lines; dense ones stay as they are.
 */

export type StrokePoint = readonly [x: number, y: number]

/** Distance of the curve's pieces from the curve, in pens; smaller than can be seen. */
const TOLERANCE = 1 / 32

/** Pieces between two points, at most: more are not needed across a whole drawing. */
const MAX_PIECES = 12

/**
 * The points of a stroke with those between them that the curve needs, to be joined by straight lines. Neighbours closer than a
 * pen's width are joined straight, and so are two points alone. Repeated points are dropped.
 * @param pen width of the pen, in units of the points
 * @param most pieces between two points, at most
 */
export function curveThrough(points: readonly StrokePoint[], pen: number, most = MAX_PIECES): StrokePoint[] {
  const stops = points.filter((point, k) => k === 0 || point[0] !== points[k - 1][0] || point[1] !== points[k - 1][1])
  const curve = stops.slice(0, 1)
  for (let k = 1; k < stops.length; k++) {
    const from = stops[k - 1]
    const to = stops[k]
    if (stops.length > 2 && squared(from, to) > pen * pen) {
      const b = control(stops[k - 2], from, to)
      const c = control(stops[k + 1], to, from)
      addPieces(curve, b, c, to, most, TOLERANCE * pen)
    }
    curve.push(to)
  }
  return curve
}

/** The Bézier control point beside `at` on the way to `next`; `at` itself where the curve begins. */
function control(before: StrokePoint | undefined, at: StrokePoint, next: StrokePoint): StrokePoint {
  if (!before) return at
  const b = squared(before, at)
  const n = squared(at, next)
  // parameters grow with the square root of the distance
  const rootB = Math.sqrt(Math.sqrt(b))
  const rootN = Math.sqrt(Math.sqrt(n))
  const lengthB = rootB * rootB
  const lengthN = rootN * rootN
  const whole = 3 * rootB * (rootB + rootN)
  const along = (axis: 0 | 1): number =>
    at[axis] + (lengthB * (next[axis] - at[axis]) + lengthN * (at[axis] - before[axis])) / whole
  return [along(0), along(1)]
}

/** Adds the points between the last of `curve` and `d` on the cubic Bézier curve with the control points b and c. */
function addPieces(
  curve: StrokePoint[],
  b: StrokePoint,
  c: StrokePoint,
  d: StrokePoint,
  most: number,
  tolerance: number,
): void {
  const a = curve[curve.length - 1]
  // n straight pieces are within 3/4 of the control polygon's largest second difference / n^2 of a cubic (Wang 1984)
  const bendB = Math.max(Math.abs(a[0] - 2 * b[0] + c[0]), Math.abs(a[1] - 2 * b[1] + c[1]))
  const bendC = Math.max(Math.abs(b[0] - 2 * c[0] + d[0]), Math.abs(b[1] - 2 * c[1] + d[1]))
  const pieces = Math.min(most, MAX_PIECES, Math.ceil(Math.sqrt((0.75 * Math.max(bendB, bendC)) / tolerance)))
  for (let k = 1; k < pieces; k++) {
    const t = k / pieces
    const u = 1 - t
    const wa = u * u * u
    const wb = 3 * u * u * t
    const wc = 3 * u * t * t
    const wd = t * t * t
    curve.push([wa * a[0] + wb * b[0] + wc * c[0] + wd * d[0], wa * a[1] + wb * b[1] + wc * c[1] + wd * d[1]])
  }
}

function squared(a: StrokePoint, b: StrokePoint): number {
  const x = b[0] - a[0]
  const y = b[1] - a[1]
  return x * x + y * y
}

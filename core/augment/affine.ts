/** The linear part of an augmentation: a matrix of rotation, scale and shear, with + - * / only. */

/** x' = a x + b y, y' = c x + d y. */
export interface Matrix {
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
}

/** Radians in half a degree. */
const HALF_DEGREE = 0.008726646259971648

/**
 * Shear, then scale, then rotation, about the origin. The rotation is (1 - t^2, 2t) / (1 + t^2) with t = tan(angle / 2), which is
 * a rotation for every t. Four terms of the Taylor series give t, so the angle has an error of at most 6e-4 degrees.
 * @param degrees from -45 to 45, clockwise on the screen, where y points down
 * @param shear px of x per px of y; positive leans a digit to the right
 */
export function affine(degrees: number, scaleX: number, scaleY: number, shear: number): Matrix {
  const x = degrees * HALF_DEGREE
  const xx = x * x
  const t = x * (1 + xx * (1 / 3 + xx * (2 / 15 + (xx * 17) / 315)))
  const cos = (1 - t * t) / (1 + t * t)
  const sin = (2 * t) / (1 + t * t)
  // y points down: a digit leans to the right when its upper part, with smaller y, moves right
  return {
    a: cos * scaleX,
    b: -cos * scaleX * shear - sin * scaleY,
    c: sin * scaleX,
    d: -sin * scaleX * shear + cos * scaleY,
  }
}

/** The matrix that undoes another; scales must not be 0. */
export function inverse({ a, b, c, d }: Matrix): Matrix {
  const determinant = a * d - b * c
  return { a: d / determinant, b: -b / determinant, c: -c / determinant, d: a / determinant }
}

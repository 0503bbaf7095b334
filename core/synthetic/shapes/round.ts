/** The usual ways to write the ten digits, but for square lettering. */

import { EIGHT } from './eight.ts'
import { FIVE } from './five.ts'
import { FOUR } from './four.ts'
import { NINE } from './nine.ts'
import { ONE } from './one.ts'
import { SEVEN } from './seven.ts'
import { SIX } from './six.ts'
import type { Style } from './style.ts'
import { THREE } from './three.ts'
import { TWO } from './two.ts'
import { ZERO } from './zero.ts'

export const ROUND_DIGITS: readonly (readonly Style[])[] = [ZERO, ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN, EIGHT, NINE]

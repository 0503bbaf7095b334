/** How many random cases a test in a file *.random.test.ts tries: all in `npm run test:all`, a tenth of them in `npm test`. */
export function randomCases(all: number): number {
  return process.env.INKLING_TEST_CASES === 'many' ? all : Math.ceil(all / 10)
}

/**
 * Letters and characters that many people write as others write a digit. Nobody can tell them apart without a context, so they are
 * no examples of what is not a digit. Chosen by eye, character by character, with what the shipped networks took for digits beside.
 */

/** Labels of UJI Pen Characters. */
export const DIGIT_LIKE_LETTERS: ReadonlySet<string> = new Set(
  [
    ['D', 'O', 'o'], // 0
    ['I', 'i', 'l'], // 1
    ['Z', 'z'], // 2
    ['S', 's'], // 5
    ['G', 'b'], // 6
    ['g', 'q', 'y'], // 9
  ].flat(),
)

/** Labels of the characters of Omniglot: alphabet/character. */
export const DIGIT_LIKE_CHARACTERS: ReadonlySet<string> = new Set([
  ...labels('Balinese', [5, 14]), // 7
  ...labels('Early_Aramaic', [16]), // 0
  ...labels('Early_Aramaic', [3, 7, 11, 17]), // 1 or 7
  ...labels('Early_Aramaic', [10]), // 2
  ...labels('Early_Aramaic', [5]), // 3
  ...labels('Early_Aramaic', [1, 4, 6, 13, 14, 20]), // 4
  ...labels('Early_Aramaic', [12]), // 6
  ...labels('Early_Aramaic', [2]), // 9
  ...labels('Greek', [8, 15, 18]), // theta, omicron and sigma: 0
  ...labels('Greek', [9]), // iota: 1
  ...labels('Greek', [6, 14]), // zeta and xi: 3
  ...labels('Greek', [2, 4]), // beta and delta: 8
  ...labels('Korean', [28, 33]), // 0
  ...labels('Korean', [9, 21]), // 1
  ...labels('Korean', [24, 27]), // 2
  ...labels('Korean', [10, 12, 20]), // 4
  ...labels('Korean', [5, 22, 37]), // 7
  ...labels('Latin', [15]), // o: 0
  ...labels('Latin', [9, 12]), // i, l: 1
  ...labels('Latin', [26]), // z: 2
  ...labels('Latin', [19]), // s: 5
  ...labels('Latin', [2, 3]), // b, c with a hook: 6
  ...labels('Latin', [1, 7, 17]), // a without its foot, g, q: 9
])

function labels(alphabet: string, numbers: readonly number[]): string[] {
  return numbers.map((number) => `${alphabet}/character${String(number).padStart(2, '0')}`)
}

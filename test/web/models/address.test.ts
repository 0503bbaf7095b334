import { expect, test } from 'vitest'
import { modelInAddress } from '../../../web/models/address.ts'

test.each([
  ['#model=cnn', 'cnn'],
  ['#model=mlp-300-100-bn', 'mlp-300-100-bn'],
  ['', undefined],
  ['#', undefined],
  ['#model=', undefined],
  ['#model=CNN', undefined],
  ['#model=-cnn', undefined],
  ['#model=../cnn', undefined],
  ['#model=cnn&samples=3', undefined],
  [`#model=${'a'.repeat(64)}`, undefined],
])('the address %s names the model %s: only what can be the id of one', (hash, model) => {
  expect(modelInAddress(hash)).toBe(model)
})

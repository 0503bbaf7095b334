/** The rule that no literal is spread into another: `[...[a, b]]` is `[a, b]`. */

import { type Node, type Source, visit } from './source.ts'

/** Array and object literals that are spread as they stand. */
export function spreadLiterals(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, program }) => {
    const found: string[] = []
    visit(program, (node) => {
      const literal = node.type === 'SpreadElement' && (node.argument as Node).type
      if (literal === 'ArrayExpression' || literal === 'ObjectExpression') found.push(`${path} spreads a literal`)
    })
    return found
  })
}

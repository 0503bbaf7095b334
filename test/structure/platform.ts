/** The rule that core touches no platform: of what lies outside a file it uses only its imports and the language. */

import { runInNewContext } from 'node:vm'
import { boundBy, childrenOf, type Node, type Source, stringOf } from './source.ts'

/** What a context without a host has, but for what is a host's nevertheless and for ways round this rule. */
const LANGUAGE = new Set<string>(runInNewContext('Object.getOwnPropertyNames(globalThis)'))
for (const name of ['console', 'WebAssembly', 'globalThis', 'eval', 'Function']) LANGUAGE.delete(name)
LANGUAGE.add('arguments')

/** The one look at the platform that is allowed: which WebAssembly there is. */
const ALLOWED = 'core/backend/wasm.ts uses globalThis'

/** Uses of the platform in the given files of core. */
export function platformUses(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, program }) => {
    const file: Scope = { bound: new Set(), used: new Set() }
    const offences: string[] = []
    read(program, undefined, file, offences)
    const names = [...file.used].filter((name) => !LANGUAGE.has(name)).map((name) => `uses ${name}`)
    return [...names, ...offences].map((offence) => `${path} ${offence}`).filter((line) => line !== ALLOWED)
  })
}

/** A part of a file with variables of its own. Once it has been read, `used` holds only names from outside of it. */
interface Scope {
  readonly bound: Set<string>
  readonly used: Set<string>
}

const SCOPE = /^(Program|BlockStatement|StaticBlock|SwitchStatement|CatchClause|For\w*Statement|.*Function.*|Class\w+)$/
const FUNCTION = /Function/

// Adds what a node uses, and what it brings into scope, to the scope it stands in.
function read(node: Node, parent: Node | undefined, outer: Scope, offences: string[]): void {
  if (node.declare) offences.push('declares what is elsewhere')
  if (node.type.startsWith('TS') && !EXPRESSIONS.has(node.type)) {
    if (RUNNING.test(node.type)) offences.push(`uses ${node.type}`)
    return
  }
  if (node.type === 'MetaProperty' && (node.meta as Node).name === 'import') offences.push('uses import.meta')
  if (node.type === 'ImportExpression') offences.push('imports while it runs')
  if (propertyName(node) === 'constructor') offences.push('uses .constructor')
  if (node.type === 'Identifier' && !isLabelOrKey(node, parent)) outer.used.add(String(node.name))

  const scope: Scope = SCOPE.test(node.type) ? { bound: new Set(), used: new Set() } : outer
  if (/Declaration$/.test(node.type)) for (const name of boundBy(node)) outer.bound.add(name)
  else if (/^(Class|Function)Expression$/.test(node.type)) for (const name of boundBy(node)) scope.bound.add(name)
  const parameters = FUNCTION.test(node.type) ? node.params : node.type === 'CatchClause' ? [node.param] : []
  for (const one of parameters as Node[]) if (one) for (const name of boundBy(one)) scope.bound.add(name)

  for (const child of childrenOf(node)) read(child, node, scope, offences)
  if (scope === outer) return
  for (const name of scope.used) if (!scope.bound.has(name)) outer.used.add(name)
}

/** Wrappers of expressions; all other nodes of TypeScript are about types, which touch nothing. */
const EXPRESSIONS = new Set([
  'TSAsExpression',
  'TSNonNullExpression',
  'TSSatisfiesExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
  'TSParameterProperty',
])

/** Those that are neither: what they compile to runs. */
const RUNNING = /^TS(Enum|Module|ImportEquals|NamespaceExport)Declaration$|^TSExportAssignment$/

// Of an access, `a.b` or `a['b']`, or of a pattern, `{ b }`: Function is one step from the constructor of any value.
function propertyName({ type, property, key }: Node): string | undefined {
  const name = (type === 'MemberExpression' ? property : type === 'Property' ? key : undefined) as Node | undefined
  return name && (stringOf(name) ?? String(name.name))
}

// Whether an identifier names a member or a label rather than a value.
function isLabelOrKey(node: Node, parent: Node | undefined): boolean {
  if (!parent) return false
  if (
    /^(LabeledStatement|BreakStatement|ContinueStatement|Im\w+Specifier|Ex\w+Specifier|MetaProperty)$/.test(parent.type)
  ) {
    return true
  }
  if (parent.computed) return false
  if (parent.type === 'MemberExpression') return parent.property === node
  return parent.key === node && !parent.shorthand
}

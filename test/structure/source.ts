/** What the rules need to know of a source file, read off its syntax tree: what it imports, starts and exports. */

import { posix } from 'node:path'
import { parseSync } from 'vite'

/** A node of the syntax tree (ESTree with TypeScript's nodes). */
export interface Node {
  readonly type: string
  readonly [key: string]: unknown
}

export interface Source {
  readonly path: string
  readonly program: Node
  readonly imports: readonly string[] // own files as paths from the root, packages as they stand; of types too
  readonly starts: readonly string[] // files named by `new URL('./x.ts', import.meta.url)`: entries of threads
  readonly exports: readonly string[]
  readonly passedOn: readonly string[] // names exported that another file declares; '*' is all of them
}

/** A module named by an expression, which no rule can follow. */
export const COMPUTED = '(computed)'

/**
 * Parses files.
 * @param texts path from the root -> source
 * @throws Error naming a file that cannot be parsed
 */
export function readSources(texts: Readonly<Record<string, string>>): Source[] {
  return Object.entries(texts).map(([path, text]) => {
    const { program, errors } = parseSync(path, text)
    if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`)
    return readSource(path, program as unknown as Node)
  })
}

function readSource(path: string, program: Node): Source {
  const imports: string[] = []
  const starts: string[] = []
  const exports = new Set<string>()
  const imported = new Set<string>()
  const passedOn: string[] = []
  const resolve = (name: string) => (/^[./]/.test(name) ? posix.join(posix.dirname(path), name) : name)
  visit(program, (node) => {
    const module = moduleOf(node)
    if (module) imports.push(resolve(stringOf(module) ?? COMPUTED))
    const started = startedBy(node)
    if (started) starts.push(posix.join(posix.dirname(path), started))
  })
  for (const statement of program.body as Node[]) {
    if (statement.type === 'ImportDeclaration') for (const name of boundBy(statement)) imported.add(name)
    if (statement.type === 'ExportAllDeclaration') passedOn.push('*')
    if (statement.type !== 'ExportNamedDeclaration') continue
    if (statement.declaration) for (const name of boundBy(statement.declaration as Node)) exports.add(name)
    for (const { local, exported } of statement.specifiers as { local: Node; exported: Node }[]) {
      if (statement.source || imported.has(String(local.name))) passedOn.push(String(local.name))
      exports.add(String(exported.name))
    }
  }
  return { path, program, imports, starts, exports: [...exports], passedOn }
}

/** Calls `look` with a node and all below it. */
export function visit(node: Node, look: (node: Node) => void): void {
  look(node)
  for (const child of childrenOf(node)) visit(child, look)
}

/** The nodes directly below a node. */
export function childrenOf(node: Node): Node[] {
  const children: Node[] = []
  for (const key in node) {
    const value = node[key] as Node | (Node | null)[] | null
    for (const child of Array.isArray(value) ? value : [value]) {
      if (typeof child?.type === 'string') children.push(child)
    }
  }
  return children
}

/** Names that a declaration or a pattern brings into the scope it stands in. */
export function boundBy(node: Node): string[] {
  const all = (nodes: unknown) => (nodes as (Node | null)[]).flatMap((one) => (one ? boundBy(one) : []))
  switch (node.type) {
    case 'Identifier':
      return [String(node.name)]
    case 'ImportDeclaration':
      return all((node.specifiers as Node[]).map(({ local }) => local))
    case 'VariableDeclaration':
      return all((node.declarations as Node[]).map(({ id }) => id))
    case 'ObjectPattern':
      return all(node.properties)
    case 'Property':
      return all([node.value])
    case 'ArrayPattern':
      return all(node.elements)
    case 'AssignmentPattern':
      return all([node.left])
    case 'RestElement':
      return all([node.argument])
    case 'TSParameterProperty':
      return all([node.parameter])
    default:
      return node.id ? all([node.id]) : [] // functions, classes, types, interfaces
  }
}

// Where a node takes something from another module, the expression that names it.
function moduleOf(node: Node): Node | undefined {
  const [first] = (node.arguments ?? []) as Node[]
  const callee = node.callee as Node | undefined
  if (node.type === 'CallExpression') return callee?.name === 'require' ? first : undefined
  if (node.type === 'TSExternalModuleReference') return node.expression as Node
  const takes = /^(Import(Declaration|Expression)|Export(All|Named)Declaration|TSImportType)$/
  return takes.test(node.type) ? ((node.source as Node | null) ?? undefined) : undefined
}

// `new URL('./x.ts', import.meta.url)`: what a thread is started with.
function startedBy({ type, callee, arguments: given }: Node): string | undefined {
  if (type !== 'NewExpression' || (callee as Node).name !== 'URL') return undefined
  const [name, base] = given as Node[]
  const file = name && stringOf(name)
  const here = (base?.object as Node | undefined)?.type === 'MetaProperty'
  return here && file && /\.[jt]s$/.test(file) ? file : undefined
}

/** The text of a string, or of a template that inserts nothing. */
export function stringOf({ type, value, quasis }: Node): string | undefined {
  if (type === 'Literal' && typeof value === 'string') return value
  const [only, ...others] = (type === 'TemplateLiteral' ? quasis : []) as { value: { cooked: string } }[]
  return others.length === 0 ? only?.value.cooked : undefined
}

/**
 * Finds a Chromium and starts it: the one INKLING_CHROMIUM names, else an installed one, else the one that comes as
 * the npm package @sparticuz/chromium, unpacked once into the system's folder for temporary files.
 */

import { accessSync, constants, existsSync } from 'node:fs'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { runProcess } from '../child-processes.ts'

export interface FoundBrowser {
  readonly executable: string
  readonly env?: Readonly<Record<string, string>> // where its own libraries and fonts are
}

/** The value of INKLING_CHROMIUM that selects the browser of the npm package although another one is installed. */
const PACKAGED = 'npm'

const INSTALLED = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** A name of this machine that, unlike localhost, is no secure context: as on a home network. */
export const LAN_NAME = 'inkling.test'

// As root, in a container, without a screen or a network; the same for every Chromium.
const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking']

/**
 * A browser to test with.
 * @throws Error saying what was looked for, where there is none
 */
export async function findChromium(named = process.env.INKLING_CHROMIUM): Promise<FoundBrowser> {
  if (named && named !== PACKAGED) {
    if (isExecutable(named)) return { executable: named }
    throw new Error('INKLING_CHROMIUM names no program')
  }
  if (!named) {
    const folders = (process.env.PATH ?? '').split(delimiter)
    const found = INSTALLED.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
    if (found) return { executable: found }
  }
  return unpackPackaged()
}

/**
 * Starts the browser. Whoever starts it closes it.
 * @param names further names with where they lead, the first that fits counts: `MAP example.org:443 127.0.0.1:8443`
 * @param flags further ones of the command line
 */
export async function launchChromium(
  found: FoundBrowser,
  names: readonly string[] = [],
  flags: readonly string[] = [],
): Promise<Browser> {
  const env = { ...process.env, ...found.env } as Record<string, string>
  const args = [...FLAGS, ...flags, `--host-resolver-rules=${[...names, `MAP ${LAN_NAME} 127.0.0.1`].join(',')}`]
  return chromium.launch({ executablePath: found.executable, args, env })
}

/** Whether a path is a program that may be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Unpacks the packaged browser. It is made for Amazon's Linux, and brings the libraries that a bare system lacks. */
async function unpackPackaged(): Promise<FoundBrowser> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`no ${INSTALLED.join(', ')} in PATH, and the packaged Chromium runs on x86-64 Linux only`)
  }
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const { version } = JSON.parse(await readFile(join(packageFolder(entry), 'package.json'), 'utf8')) as {
    version: string
  }
  const folder = join(tmpdir(), `inkling-chromium-${version}-${process.getuid?.() ?? 'user'}`)
  if (!existsSync(folder)) {
    // Unpacked beside and renamed, since another test may do the same at this moment.
    const aside = await mkdtemp(`${folder}-`)
    // The package unpacks into TMPDIR, and unpacks the libraries only if it runs on Amazon's Lambda.
    const env = { ...process.env, TMPDIR: aside, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' }
    const script = 'import("@sparticuz/chromium").then((m) => m.default.executablePath())'
    try {
      const { code, stderr } = await runProcess(process.execPath, ['-e', script], { env, cwd: import.meta.dirname })
      if (code !== 0) throw new Error(`the packaged Chromium cannot be unpacked: ${stderr}`)
      await writeFile(join(aside, 'fonts.conf'), fontConfiguration(folder))
      await rename(aside, folder)
    } catch (error) {
      await rm(aside, { recursive: true })
      if (!existsSync(folder)) throw error
    }
  }
  const env = { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') }
  return { executable: join(folder, 'chromium'), env }
}

/** The package's own font configuration names folders of Amazon's Linux. Without a font, text has no height. */
function fontConfiguration(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${join(folder, 'fonts')}</dir><cachedir>${join(folder, 'fonts-cache')}</cachedir></fontconfig>
`
}

function packageFolder(entry: string): string {
  let folder = dirname(entry)
  while (!existsSync(join(folder, 'bin'))) folder = dirname(folder)
  return folder
}

/** Starts the worker that learns, under the page's policy: scripts come from this site's files alone. */

import { BACKEND_NAMES, type KernelModules } from '../../core/backend/backend.ts'
import { fetchGenerator } from './generator.ts'
import type { FromWorker, ToWorker } from './jobs.ts'
import workerUrl from './worker.ts?worker&url'
import type { LearningWorker } from './yours.ts'

/** Name of the only Trusted Types policy of this page, which server/http/headers.ts allows. */
const POLICY = 'inkling-worker'

/** Browsers with Trusted Types want the address of a worker from a policy; the types of TypeScript do not have them yet. */
interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(): string }): { createScriptURL(url: string): string }
}

const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes }

// gives the address of the worker, whatever it is asked for
const policy = trustedTypes?.createPolicy(POLICY, { createScriptURL: () => workerUrl })

/**
 * @param backend of the page, which has chosen the fastest that works here
 * @param modules compiled by the page
 * @param answered called with whatever the worker says
 * @param broken called when it does not run or has crashed
 * @throws Error where the browser has no workers, or forbids them
 */
export async function startWorker(
  backend: string,
  modules: KernelModules,
  answered: (message: FromWorker) => void,
  broken: (reason: string) => void,
): Promise<LearningWorker> {
  const name = BACKEND_NAMES.find((one) => one === backend) ?? 'ts'
  const module = name === 'ts' ? undefined : ((await modules[name]()) as WebAssembly.Module)
  const generator = await fetchGenerator()
  const worker = new Worker(policy?.createScriptURL('') ?? workerUrl, { type: 'module', name: 'learning' })
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => answered(data)
  worker.onerror = ({ message }) => broken(message || 'the worker cannot be loaded')
  const post = (message: ToWorker): void => worker.postMessage(message)
  performance.mark('learning worker started') // for whoever measures the page
  post({ type: 'start', backend: name, generator, ...(module && { module }) })
  return { post, terminate: () => worker.terminate() }
}

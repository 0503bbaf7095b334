/** Composes the page's benchmark: the browser is measured on demand, and the phone's report is fetched while the section is open. */

import { fetchBenchmark, fetchSystem } from '../api/system.ts'
import { kernelModules } from '../models/kernels.ts'
import { createBenchmarkView } from '../views/benchmark.ts'
import { BrowserBenchmark } from './browser-benchmark.ts'
import { browserEnvironment } from './environment.ts'
import { fetchAllModels } from './models.ts'
import { PhoneBenchmark } from './phone-benchmark.ts'

/** @param bytes returns the size of all models together, 0 where it is not known */
export function createBenchmark(bytes: () => number): { wake(): void } {
  const view = createBenchmarkView(toggled, () => (measuring.busy ? measuring.stop() : void measuring.start()))
  const phone = new PhoneBenchmark(fetchBenchmark, changed)
  const measuring = new BrowserBenchmark(
    {
      models: fetchAllModels,
      async machine() {
        const system = await fetchSystem(new AbortController().signal)
        const { measurableBackends } = await import('../../core/benchmark/backends.ts') // plain JavaScript's kernels too
        const { backends, selfTest } = await measurableBackends(kernelModules())
        const program = system.kind === 'ok' ? system.value.version : ''
        return { backends, environment: browserEnvironment(program, selfTest) }
      },
      yieldToPage: () => new Promise((resolve) => setTimeout(resolve, 0)),
    },
    changed,
  )

  function look(): void {
    phone.setWatched(view.open && document.visibilityState === 'visible')
  }

  function toggled(): void {
    look()
    changed()
  }

  function changed(): void {
    view.show(measuring, phone, bytes())
  }

  document.addEventListener('visibilitychange', look)
  changed()
  return { wake: look }
}

/**
 * Composes the page's benchmark: the browser is measured on demand, the phone's report is fetched while the section is open, and files of
 * other machines' reports are read.
 */

import { fetchBenchmark, fetchSystem } from '../api/system.ts'
import { kernelModules } from '../models/kernels.ts'
import { createBenchmarkView } from '../views/benchmark.ts'
import { saveFile } from '../views/save-file.ts'
import { BrowserBenchmark } from './browser-benchmark.ts'
import { browserEnvironment } from './environment.ts'
import { LoadedReports } from './loaded-reports.ts'
import { fetchAllModels } from './models.ts'
import { PhoneBenchmark } from './phone-benchmark.ts'

/** @param bytes returns the size of all models together, 0 where it is not known */
export function createBenchmark(bytes: () => number): { wake(): void } {
  const view = createBenchmarkView({
    toggled,
    pressed: () => (measuring.busy ? measuring.stop() : void measuring.start()),
    save() {
      const { report } = measuring
      if (report) saveFile(`inkling-speed-${report.at.slice(0, 10)}.json`, JSON.stringify(report))
    },
    load: (files) => void loaded.add(files).then(changed),
    clear() {
      loaded.clear()
      changed()
    },
  })
  const loaded = new LoadedReports()
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
    view.show(measuring, phone, loaded, bytes())
  }

  document.addEventListener('visibilitychange', look)
  changed()
  return { wake: look }
}

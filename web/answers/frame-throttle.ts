/** Limits how often a task runs: once per frame, or less often where the task takes long. */

const REST = 4 // the task takes at most 1 / (REST + 1) of the time, however slow the machine is

export interface FrameThrottle {
  /** Runs the task in one of the next frames: once for all requests until then. */
  request(): void
  /** Drops the requests. */
  cancel(): void
}

export function createFrameThrottle(task: () => void): FrameThrottle {
  let due = false
  let restUntil = 0 // ms

  function frame(now: number): void {
    if (!due) return
    if (now < restUntil) return void requestAnimationFrame(frame)
    due = false
    const start = performance.now()
    task()
    const end = performance.now()
    restUntil = end + REST * (end - start)
  }

  return {
    request() {
      if (due) return
      due = true
      requestAnimationFrame(frame)
    },
    cancel() {
      due = false
    },
  }
}

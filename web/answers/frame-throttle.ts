/** How often to do something that is wanted all the time: once per frame, or less often where it takes long. */

const REST = 4 // at most one part in REST + 1 of the time is spent on it, however slow the machine

export interface FrameThrottle {
  /** Does it soon, once for however many requests until then. */
  request(): void
  /** Does not do it any more. */
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

/** What goes between the server and its worker threads: one shape for all of them. */

/** To a thread. It does one job at a time. */
export type ThreadCommand<Job> = { readonly type: 'run'; readonly job: Job } | { readonly type: 'stop' }

/** From a thread, of its job: any number of reports of progress, then one of the end. */
export type ThreadReport<Progress, Result> = { readonly type: 'progress'; readonly progress: Progress } | JobEnd<Result>

/** How a job ended. */
export type JobEnd<Result> =
  | { readonly type: 'done'; readonly result: Result }
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly reason: string }

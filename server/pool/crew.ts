/**
 * The threads of the pool: started when there is work for them, given tasks, and started anew when they die. What a task means is
 * not known here.
 */

import { getCompileCacheDir } from 'node:module'
import { dirname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { BusyError } from '../http/problem.ts'
import type { Command, Report, Task, TaskReply, WorkerStart } from './messages.ts'

/** JavaScript objects that a worker may hold, MiB: it needs 5, a large picture is outside. Young ones are 3 times the second. */
const [OLD, YOUNG] = [48, 3]

/** Where so many threads ended within so long, ms, none is started for as long: tasks are done elsewhere. */
const [DEATHS, SPAN] = [5, 60_000]

/** One thread, as long as it lives. */
export interface PoolThread {
  /** Models that it has, by key. */
  readonly keys: Set<number>
}

/** The reply of a task, and by whom. */
export interface Replied {
  readonly id: number
  readonly reply: TaskReply
  readonly by: PoolThread
}

export interface Crew {
  /** Threads that are wanted. */
  readonly size: number
  /**
   * Whether tasks can be given.
   * @param wanted starts threads that are missing
   */
  ready(wanted: boolean): boolean
  /**
   * Gives a task to the thread with the least to do. Where that thread dies, another one gets the task, once.
   * @param make the task for a thread
   * @param moved memory that goes over to the thread: where that dies, the task is lost
   * @returns the reply. Rejects with BusyError 503 busy where it was lost
   */
  ask(make: (thread: PoolThread) => Task, moved?: ArrayBuffer): Promise<Replied>
  /** Gives a further task to the thread that has the first one's state. Rejects with BusyError 503 busy where that has died. */
  askAgain(first: Replied, task: Task): Promise<Replied>
  /** Tells one thread, or all of them, something without a reply. */
  tell(task: Task, first?: Replied): void
  threads(): readonly PoolThread[]
  close(): Promise<void>
}

interface Waiting {
  readonly id: number
  readonly make: ((thread: PoolThread) => Task) | undefined // undefined where no other thread can do it
  readonly moved: readonly ArrayBuffer[]
  again: boolean // it was given to a second thread
  readonly resolve: (replied: Replied) => void
  readonly reject: (error: unknown) => void
}

interface Member extends PoolThread {
  readonly thread: Worker
  readonly tasks: Map<number, Waiting>
  ready: boolean
}

// A thread has no compile cache unless this names one. Of a clone it has the TypeScript without its types: Node's own stripper takes
// each thread 10 MiB. Of a bundle it would cost 2 MiB.
function threadVariables({ pathname }: URL): NodeJS.ProcessEnv {
  const cache = getCompileCacheDir()
  return pathname.endsWith('.ts') && cache !== undefined ? { NODE_COMPILE_CACHE: dirname(cache) } : {}
}

const lost = () => new BusyError(503, 'busy', 'the thread that did this request ended; ask again')

/** @param url of the thread's entry */
export function createCrew(url: URL, size: number, start: WorkerStart, warn: (message: string) => void): Crew {
  const members = new Set<Member>()
  const homeless: Waiting[] = [] // tasks for the next thread that is ready
  let deaths: number[] = [] // ms
  let lastId = 0
  let closed = false

  const tired = () => {
    deaths = deaths.filter((at) => performance.now() - at < SPAN)
    return deaths.length >= DEATHS
  }

  function fill(): void {
    while (!closed && members.size < size && !tired()) hire()
  }

  function hire(): void {
    const resourceLimits = { maxOldGenerationSizeMb: OLD, maxYoungGenerationSizeMb: YOUNG }
    const thread = new Worker(url, { workerData: start, resourceLimits, env: threadVariables(url) })
    thread.unref()
    const member: Member = { thread, keys: new Set(), tasks: new Map(), ready: false }
    members.add(member)
    let reason = 'it ended'
    thread.on('message', ({ id, reply }: Report) => {
      if (reply.type === 'ready') {
        member.ready = true
        for (const task of homeless.splice(0)) give(task)
        return
      }
      const task = member.tasks.get(id)
      member.tasks.delete(id)
      task?.resolve({ id, reply, by: member })
    })
    thread.on('error', (error: NodeJS.ErrnoException) => {
      reason = error.code ?? error.message
    })
    thread.on('exit', () => {
      members.delete(member)
      if (closed) return
      deaths.push(performance.now())
      warn(`a worker thread died (${reason})${tired() ? `: requests are done without for ${SPAN / 1000} s` : ''}`)
      fill()
      for (const task of member.tasks.values()) retry(task)
      if (members.size === 0) for (const task of homeless.splice(0)) task.reject(lost())
    })
  }

  function retry(task: Waiting): void {
    if (task.again || !task.make) task.reject(lost())
    else {
      task.again = true
      give(task)
    }
  }

  function give(task: Waiting): void {
    let least: Member | undefined
    for (const one of members) if (one.ready && one.tasks.size < (least?.tasks.size ?? Infinity)) least = one
    if (least) sendFirst(least, task)
    else if (members.size > 0) homeless.push(task)
    else task.reject(lost())
  }

  function sendFirst(member: Member, task: Waiting): void {
    try {
      send(member, task, task.make?.(member) as Task)
    } catch (error) {
      member.tasks.delete(task.id)
      task.reject(error)
    }
  }

  function send(member: Member, waiting: Waiting, task: Task): void {
    member.tasks.set(waiting.id, waiting)
    member.thread.postMessage({ id: waiting.id, task } satisfies Command, waiting.moved)
  }

  return {
    size,
    ready(wanted) {
      if (wanted || deaths.length > 0) fill()
      for (const { ready } of members) if (ready) return true
      return false
    },
    ask: (make, moved) =>
      new Promise((resolve, reject) => {
        const again = moved !== undefined
        give({ id: ++lastId, make, moved: again ? [moved] : [], again, resolve, reject })
      }),
    askAgain: ({ id, by }, task) =>
      new Promise((resolve, reject) => {
        const member = by as Member
        if (!members.has(member)) return reject(lost())
        send(member, { id, make: undefined, moved: [], again: false, resolve, reject }, task)
      }),
    tell(task, first) {
      const told = first ? [first.by as Member] : [...members]
      for (const { thread } of told) thread.postMessage({ id: first?.id ?? 0, task } satisfies Command)
    },
    threads: () => [...members],
    async close() {
      closed = true
      const threads = [...members].map(({ thread }) => thread)
      await Promise.all(threads.map((thread) => thread.terminate()))
    },
  }
}

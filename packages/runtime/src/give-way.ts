import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/**
 * Has the processor as far as others on the machine leave it: what this process does can wait. `nice` is what setpriority(2)
 * takes: 0 changes nothing, 19 is the least. Where the system does not allow it, nothing changes either.
 *
 * On Linux each thread has its own, those of V8 exist already, and between sessions only the niceness of their autogroups
 * counts, where there are such: sched(7). In a container there are none.
 */
export function giveWay(nice: number): void {
  if (nice <= getPriority()) return
  ignoringErrors(() => setPriority(nice))
  if (process.platform !== 'linux') return
  ignoringErrors(() => {
    for (const thread of readdirSync('/proc/self/task')) ignoringErrors(() => setPriority(Number(thread), nice))
  })
  // Of a session that is not ours alone others would be slowed down as well.
  ignoringErrors(() => leadsSession() && writeFileSync('/proc/self/autogroup', String(nice)))
}

/** proc_pid_stat(5): the sixth field is the session; the second one, in brackets, may hold blanks. */
function leadsSession(): boolean {
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return Number(fields[3]) === process.pid
}

function ignoringErrors(act: () => unknown): void {
  try {
    act()
  } catch {
    // Not allowed, not there, or a thread that has ended.
  }
}

import { readdirSync, readFileSync } from 'node:fs'

/** What processes have used since they started. */
export interface Usage {
  /** User and system time of all threads. */
  readonly cpuMs: number
  /** Bytes that went, or will go, to the disk on their account. */
  readonly writtenBytes: number
}

/** Processes by the part of the system that they are. */
export type ProcessGroups = Readonly<Record<string, readonly number[]>>

const millisecondsPerTick = 10

/** Linux only; elsewhere all is 0, and the report says so. */
export const canMeasureUsage: boolean = process.platform === 'linux'

export function usageOf(groups: ProcessGroups): Record<string, Usage> {
  return Object.fromEntries(Object.entries(groups).map(([name, pids]) => [name, sum(pids.map(usageOfProcess))]))
}

/** The difference of two readings, by group. */
export function usedBetween(before: Record<string, Usage>, after: Record<string, Usage>): Record<string, Usage> {
  return Object.fromEntries(
    Object.entries(after).map(([name, { cpuMs, writtenBytes }]) => [
      name,
      {
        cpuMs: cpuMs - (before[name]?.cpuMs ?? 0),
        writtenBytes: writtenBytes - (before[name]?.writtenBytes ?? 0),
      },
    ]),
  )
}

export const sum = (usages: readonly Usage[]): Usage => ({
  cpuMs: usages.reduce((total, { cpuMs }) => total + cpuMs, 0),
  writtenBytes: usages.reduce((total, { writtenBytes }) => total + writtenBytes, 0),
})

/** The process with its children, the present and the past ones: Postgres has one per connection. */
function usageOfProcess(pid: number): Usage {
  if (!canMeasureUsage) return { cpuMs: 0, writtenBytes: 0 }
  const [user = 0, system = 0, usersOfDead = 0, systemOfDead = 0] = statFields(pid).slice(10, 14)
  const own = {
    cpuMs: (user + system + usersOfDead + systemOfDead) * millisecondsPerTick,
    writtenBytes: writtenBytesOf(pid),
  }
  // Our own children are the others that are measured.
  return pid === process.pid ? own : sum([own, ...childrenOf(pid).flatMap(usageOfChild)])
}

/** One that has ended since is among its parent's dead. */
function usageOfChild(pid: number): Usage[] {
  try {
    return [usageOfProcess(pid)]
  } catch {
    return []
  }
}

export function residentBytesOf(pid: number): number {
  if (!canMeasureUsage) return 0
  const [, kibibytes = 0] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) * 1_024
}

/** The numbers of `/proc/<pid>/stat` after the name and the state, from the parent's pid on. */
function statFields(pid: number): number[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat
    .slice(stat.lastIndexOf(')') + 4)
    .split(' ')
    .map(Number)
}

function writtenBytesOf(pid: number): number {
  const [, bytes = 0] = /^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8')) ?? []
  return Number(bytes)
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => {
      if (!(pid > 0)) return false
      try {
        return statFields(pid)[0] === parent
      } catch {
        // Ended in between; its parent has its figures then.
        return false
      }
    })
}

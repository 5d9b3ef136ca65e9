import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'

const ownAutogroup = '/proc/self/autogroup'
const hasAutogroups = existsSync(ownAutogroup)

interface Niceness {
  readonly threads: readonly number[]
  /** As Linux shows it: `/autogroup-17 nice 10`. */
  readonly autogroup: string
}

/** Of a process after it gave way. `detached`: with a session of its own. */
async function nicenessAfter(nice: number, detached: boolean): Promise<Niceness> {
  const source = `
    const { readdirSync, readFileSync } = require('node:fs')
    const { getPriority } = require('node:os')
    require(${JSON.stringify(join(import.meta.dirname, 'give-way.ts'))}).giveWay(${nice})
    const threads = readdirSync('/proc/self/task').map((thread) => getPriority(Number(thread)))
    let autogroup = ''
    try { autogroup = readFileSync('/proc/self/autogroup', 'utf8') } catch {}
    console.log(JSON.stringify({ threads, autogroup }))`
  const child = spawn(process.execPath, ['-e', source], { detached, stdio: ['ignore', 'pipe', 'inherit'] })
  return JSON.parse(await text(child.stdout)) as Niceness
}

describe.runIf(process.platform === 'linux')('a process that gives way', () => {
  const usual = getPriority()

  test('does so with all threads, those of V8 included', async () => {
    const { threads } = await nicenessAfter(15, true)
    expect(threads.length).toBeGreaterThan(4)
    expect(new Set(threads)).toEqual(new Set([15]))
  })

  test.runIf(hasAutogroups)('does so as a session among others, where that is what counts', async () => {
    expect((await nicenessAfter(15, true)).autogroup).toMatch(/nice 15$/m)
  })

  test.runIf(hasAutogroups)('leaves others of its session alone', async () => {
    expect((await nicenessAfter(15, false)).autogroup).toBe(readFileSync(ownAutogroup, 'utf8'))
  })

  test('gives no way with 0', async () => {
    const { threads } = await nicenessAfter(0, true)
    expect(new Set(threads)).toEqual(new Set([usual]))
  })
})

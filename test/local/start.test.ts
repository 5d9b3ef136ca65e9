import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { waitFor } from '../infrastructure/index.ts'
import { dataFolder, npmStart, removeFolder, type Started } from './npm-start.ts'

const inShell = async (line: string): Promise<string> => {
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', line])
  return stdout
}
const hasCurl = spawnSync('curl', ['--version']).status === 0

let folder: string
const stacks: Started[] = []

/** Also when the test fails in the middle. */
async function start(inFolder: string): Promise<Started> {
  const stack = await npmStart(inFolder)
  stacks.push(stack)
  return stack
}

beforeEach(async () => {
  folder = await dataFolder()
})

afterEach(async () => {
  await Promise.all(stacks.splice(0).map((stack) => stack.end('SIGTERM')))
  await removeFolder(folder)
})

describe('npm start', () => {
  test('shows verified deliveries, stops on Ctrl-C without leaving anything, and goes on with its data', async () => {
    const first = await start(folder)
    expect(first.output().match(/attempt 1, signature verified: /g)).toHaveLength(3)
    expect(await first.leftovers()).not.toEqual([])
    expect(await first.end('SIGINT')).toBe(0)
    expect(await first.leftovers()).toEqual([])
    expect(first.output()).toMatch(/Stopping …\nStopped\.\n$/)

    const second = await start(folder)
    expect(second.line('Admin API')).toBe(first.line('Admin API'))
    expect(second.line('/deliveries')).toBe(first.line('/deliveries'))
    expect(second.output()).toContain('signature verified')
    expect(await second.end('SIGTERM')).toBe(0)
    expect(await second.leftovers()).toEqual([])
  }, 240_000)

  test.skipIf(!hasCurl)(
    'prints lines that work when they are pasted',
    async () => {
      const stack = await start(folder)
      const before = stack.output().length
      const accepted = JSON.parse(await inShell(stack.line('curl -X POST'))) as { type: string }
      expect(accepted.type).toBe('deposit.settled')
      expect(await inShell(stack.line('run.mjs publish'))).toMatch(
        /^intake\.lumire\.deposit\.settled is stored in INTAKE as message \d+\.\n.+\/v1\/events\/rejected/,
      )
      await waitFor(
        () =>
          stack
            .output()
            .slice(before)
            .match(/signature verified/g)?.length === 2,
      )
      const deliveries = await waitFor(
        async () => {
          const { data } = JSON.parse(await inShell(stack.line('/deliveries'))) as { data: { status: string }[] }
          return data.length === 5 && data.every(({ status }) => status === 'delivered') && data
        },
        { what: 'five deliveries to be listed as delivered' },
      )
      expect(deliveries).toHaveLength(5)
    },
    240_000,
  )

  test('leaves nothing running when it is killed', async () => {
    const stack = await start(folder)
    await stack.end('SIGKILL')
    await waitFor(async () => (await stack.leftovers()).length === 0, {
      timeoutMs: 15_000,
      what: 'its servers and services to be gone',
    })
  }, 240_000)

  test('runs twice side by side, but not twice on the same data', async () => {
    const another = await dataFolder()
    const [one, two] = await Promise.all([start(folder), start(another)])
    expect(one.line('Admin API')).not.toBe(two.line('Admin API'))
    await expect(npmStart(folder)).rejects.toThrow(`Jethook is already running in ${folder}`)
    await Promise.all([one.end('SIGINT'), two.end('SIGINT')])
    await removeFolder(another)
  }, 240_000)
})

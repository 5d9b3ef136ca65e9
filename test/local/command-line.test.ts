import { spawn } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dataFolder, removeFolder } from './npm-start.ts'

const program = fileURLToPath(new URL('../../run.mjs', import.meta.url))

let folder: string
beforeAll(async () => {
  folder = await dataFolder()
})
afterAll(() => removeFolder(folder))

/** With nothing to work on: there is no server at these addresses. */
async function run(...args: string[]): Promise<{ status: unknown; output: string }> {
  const unreachable = { NATS_URL: 'nats://127.0.0.1:9', DATABASE_URL: 'postgres://127.0.0.1:9/none' }
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...unreachable, JETHOOK_DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 10_000,
  })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const [output, errors, status] = await Promise.all([text(child.stdout), text(child.stderr), exited])
  return { status, output: output + errors }
}

test.each([
  'start --port 5000',
  'start dispatcher',
  'rebuild --bogus',
  'rebuild now',
  'publish --bogus lumire deposit.settled {}',
  'publish lumire deposit.settled {} id more',
  'publish lumire deposit.settled',
  'rebuilt',
  'constructor',
  '',
])('what is not known ends it with the usage, and nothing is touched: %s', async (line) => {
  const { status, output } = await run(...line.split(' '))
  expect(output).toContain('Usage: ')
  expect(status).toBe(64)
  expect(await readdir(folder)).toEqual([])
})

test.each(['start', 'rebuild', 'publish'])('%s --help shows the usage and does nothing else', async (name) => {
  const { status, output } = await run(name, '--help')
  expect(output).toMatch(/^Usage: .+\n$/)
  expect(status).toBe(0)
  expect(await readdir(folder)).toEqual([])
})

test.each(['no', '', "{'amount':1}"])('publish does not store what is no JSON: %j', async (payload) => {
  const { status, output } = await run('publish', 'lumire', 'deposit.settled', payload)
  expect(output).toMatch(/^Not stored: the payload is not JSON: .+\n$/)
  expect(status).toBe(1)
})

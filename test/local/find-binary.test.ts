import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findNatsServer } from '@jethook/local'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jethook-test-find-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

async function fakeServer(name: string, version: string): Promise<string> {
  const binary = join(folder, name, 'nats-server')
  await mkdir(join(folder, name), { recursive: true })
  await writeFile(binary, `#!/bin/sh\necho "nats-server: v${version}"\n`)
  await chmod(binary, 0o755)
  return binary
}

describe('the nats-server to run', () => {
  test('is the one on the PATH when it is new enough', async () => {
    const binary = await fakeServer('path', '2.12.0')
    await expect(findNatsServer({ env: { PATH: join(folder, 'path') }, cache: folder })).resolves.toBe(binary)
  })

  test('is the cached one when the one on the PATH is too old, and the reason is told', async () => {
    const old = await fakeServer('path', '2.11.9')
    const cached = await fakeServer('cache', '2.15.1')
    const told: string[] = []
    const env = { PATH: join(folder, 'path') }
    const found = await findNatsServer({
      env,
      cache: join(folder, 'cache'),
      usualFolders: [],
      progress: (line) => told.push(line),
    })
    expect(found).toBe(cached)
    expect(told).toEqual([`${old} is 2.11.9; 2.12 or newer is needed, looking further`])
  })

  test('is fetched from the first source that has it', async () => {
    const fetched = await fakeServer('fetched', '2.15.1')
    const notHere = async (): Promise<undefined> => undefined
    const sources = [notHere, async () => fetched]
    await expect(findNatsServer({ env: {}, cache: folder, usualFolders: [], sources })).resolves.toBe(fetched)
  })

  test('is missing with one sentence that says what to do and what was tried', async () => {
    const broken = async (): Promise<undefined> => {
      throw new Error('https://example.test could not be fetched')
    }
    await expect(findNatsServer({ env: {}, cache: folder, usualFolders: [], sources: [broken] })).rejects.toThrow(
      /No nats-server 2\.12 or newer was found\. Install one .*NATS_URL.*\n {2}tried: https:\/\/example\.test could not be fetched/,
    )
  })
})

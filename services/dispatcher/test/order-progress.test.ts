import { setImmediate } from 'node:timers/promises'
import { orderSubject, StreamName } from '@jethook/contracts'
import { createLogger } from '@jethook/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createProgressKeeper, SupersededError, type ProgressKeeper } from '../src/ordered/keep-progress.ts'
import { startFixture, type Fixture } from './fixture.ts'

let fixture: Fixture

beforeAll(async () => {
  fixture = await startFixture()
})
afterAll(() => fixture?.stop())

const logger = createLogger('test', 'silent')

/** A dispatcher that takes the others for dead, and got as far as `floor`. */
function keeper(subscriptionId: string, id: string, floor: number): ProgressKeeper {
  const current = () => ({ floor, upTo: floor, waiting: [], stuck: [] })
  return createProgressKeeper({ broker: fixture.broker, subscriptionId, id, lives: () => false, current, logger })
}

/** The former one is behind, and does not know yet that there is a successor. */
async function takenOver(subscriptionId: string): Promise<{ former: ProgressKeeper; successor: ProgressKeeper }> {
  const former = keeper(subscriptionId, 'former', 3)
  const successor = keeper(subscriptionId, 'successor', 7)
  await former.take(0)
  await former.save()
  await successor.take(0)
  await successor.save()
  return { former, successor }
}

const ofSuccessor = { holder: 'successor', floor: 7, upTo: 7, waiting: [], stuck: [] }

async function stored(subscriptionId: string): Promise<unknown> {
  const query = { last_by_subj: orderSubject(subscriptionId) }
  return (await fixture.broker.manager.streams.getMessage(StreamName.progress, query))?.json()
}

test('who was superseded is told at the next save, and leaves what the successor stored as it is', async () => {
  const { former, successor } = await takenOver('save')
  await expect(former.save()).rejects.toThrow(SupersededError)
  await former.release()
  expect(await stored('save')).toEqual(ofSuccessor)
  await successor.save()
})

test('so is who waits for that save with another one', async () => {
  const { former, successor } = await takenOver('queued')
  const first = former.save()
  // By then the first one is on its way: the second one does not share its store.
  await setImmediate()
  const second = former.save()
  expect(second).not.toBe(first)
  const saves = await Promise.allSettled([first, second])
  for (const save of saves) expect(save).toMatchObject({ reason: expect.any(SupersededError) })
  expect(await stored('queued')).toEqual(ofSuccessor)
  await successor.save()
})

test('who finds out only when it lets go leaves it as it is, too', async () => {
  const { former, successor } = await takenOver('release')
  await expect(former.release()).rejects.toThrow(SupersededError)
  expect(await stored('release')).toEqual(ofSuccessor)
  await successor.save()
})

test('a successor that has let go again is one all the same', async () => {
  const { former, successor } = await takenOver('let_go')
  await successor.release()
  await expect(former.save()).rejects.toThrow(SupersededError)
  await former.release()
  expect(await stored('let_go')).toEqual({ ...ofSuccessor, holder: null })
})

test('who was superseded is not certain of anything any more, however short a time ago it was', async () => {
  const { former } = await takenOver('certain')
  expect(former.confirmedAt).toBeGreaterThan(0)
  await expect(former.save()).rejects.toThrow(SupersededError)
  expect(former.confirmedAt).toBe(-Infinity)
})

test('what a successor of another version stored is left as it is, though it cannot be read', async () => {
  const { former } = await takenOver('version')
  const ofAnotherVersion = { holder: 'successor', upTo: 7 }
  await fixture.broker.publisher.publish(orderSubject('version'), JSON.stringify(ofAnotherVersion))
  await expect(former.save()).rejects.toThrow('floor')
  await expect(former.release()).rejects.toThrow('floor')
  expect(await stored('version')).toEqual(ofAnotherVersion)
})

test('one that lives keeps what it holds, unless it stored nothing for so long that it cannot be at work', async () => {
  const current = () => ({ floor: 3, upTo: 3, waiting: [], stuck: [] })
  const shared = { broker: fixture.broker, subscriptionId: 'sub_abandoned', lives: () => true, current, logger }
  await createProgressKeeper({ ...shared, id: 'former' }).take(3)
  const afterMs = (ms: number) => createProgressKeeper({ ...shared, id: 'next', now: () => Date.now() + ms }).take(0)
  expect(await afterMs(100_000)).toBeUndefined()
  expect(await afterMs(121_000)).toMatchObject({ holder: 'former', floor: 3 })
  expect(await stored('sub_abandoned')).toMatchObject({ holder: 'next' })
})

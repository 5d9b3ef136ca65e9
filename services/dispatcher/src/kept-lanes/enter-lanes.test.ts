import { randomBytes } from 'node:crypto'
import { Configuration, createSecretBox, secretOwner } from '@jethook/configuration'
import { defaultDeliveryRules, type TurnMessage } from '@jethook/contracts'
import { createLogger } from '@jethook/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { Capacity } from '../lanes/capacity.ts'
import { createLanes } from '../lanes/lanes.ts'
import { createPrepareSubscription } from '../match/prepare-subscription.ts'
import { createEnterLanes } from './enter-lanes.ts'

const coming = { due: false, probing: false }
const about = { tenant: 'acme', at: 0, by: 'operator' } as const

/** The keeper, one of two dispatchers, of a subscription with a concurrency of 1. */
function given() {
  const secrets = createSecretBox(`k1:${randomBytes(32).toString('base64')}`)
  const configuration = new Configuration()
  configuration.apply({ type: 'TenantCreated', ...about, name: '', profile: 'standard' }, 1)
  const secret = secrets.encrypt('secret', secretOwner.subscription('acme', 'sub_1'))
  const settings = {
    ...defaultDeliveryRules,
    url: 'https://example.com',
    events: ['*'],
    description: null,
    active: true,
    retryScheduleMs: null,
    timeoutMs: null,
    concurrency: 1,
  }
  configuration.apply({ type: 'SubscriptionCreated', ...about, subscriptionId: 'sub_1', secret, settings }, 2)
  const team = { count: 2, since: -Infinity }
  const lanes = createLanes({
    now: () => performance.now(),
    random: () => 0,
    capacity: new Capacity(100),
    team: () => team,
    keeps: () => true,
    isCrowded: () => false,
    recovered: () => undefined,
    paused: () => undefined,
  })
  const said: TurnMessage[] = []
  let hear: (message: TurnMessage) => void = () => undefined
  const prepare = createPrepareSubscription(configuration, secrets)
  const enterLanes = createEnterLanes({
    messages: {
      send: (_to, message) => void said.push(message),
      listen: (handle) => void (hear = handle),
    },
    connected: () => true,
    configuration,
    lanes,
    peers: { team, knows: () => true, isFinishing: () => false, ownerOf: () => 'k' },
    id: 'k',
    prepare,
    isCrowded: () => false,
    upToDate: async () => undefined,
    logger: createLogger('test', 'silent'),
  })
  const stop = (): void => {
    lanes.stop()
    enterLanes.stop()
  }
  onTestFinished(() => {
    stop()
    enterLanes.stopLending()
  })
  return {
    stop,
    stopLending: () => enterLanes.stopLending(),
    enter: () => enterLanes.enter(prepare(configuration.subscription('acme', 'sub_1') ?? expect.fail()), coming),
    /** Another dispatcher asks. Returns what it is told. */
    asked(): TurnMessage | undefined {
      const question = { tenant: 'acme', subscriptionId: 'sub_1', ...coming, crowded: false, leaseMs: 10_000 }
      hear({ type: 'ask', from: 'a', ask: 1, ...question })
      return said.pop()
    },
  }
}

test('a keeper gives turns to its own deliveries, and to those of other dispatchers', () => {
  expect(given().enter()).toHaveProperty('leave')
  expect(given().asked()).toMatchObject({ type: 'lent' })
})

test('a keeper that is about to leave takes no turns itself; when it leaves nobody gets any: the next keeper gives them', () => {
  const { stop, stopLending, enter, asked } = given()
  stop()
  expect(enter()).toHaveProperty('deferUntil')
  expect(asked()).toMatchObject({ type: 'lent' })
  stopLending()
  expect(asked()).toMatchObject({ type: 'not_now' })
})

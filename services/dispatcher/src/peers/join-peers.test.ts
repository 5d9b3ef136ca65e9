import type { Broker } from '@jethook/runtime'
import { expect, test } from 'vitest'
import { joinPeers, type PeersOptions } from './join-peers.ts'

type Hear = (error: null, message: { string(): string }) => void

/** A server that all dispatchers are connected to. */
function startBroker(): Broker {
  const hearing = new Map<string, Set<Hear>>()
  const connection = {
    subscribe(subject: string, { callback }: { callback: Hear }) {
      const all = hearing.get(subject) ?? new Set()
      hearing.set(subject, all.add(callback))
      return { unsubscribe: () => void all.delete(callback) }
    },
    publish(subject: string, text: string) {
      for (const hear of hearing.get(subject) ?? []) hear(null, { string: () => text })
    },
    flush: async () => undefined,
  }
  return { connected: () => true, connection } as unknown as Broker
}

test('a pause is told again to those who join, and to nobody else: who missed its end would begin it anew for all', async () => {
  const broker = startBroker()
  const join = async (id: string) => {
    const toldBy: string[] = []
    const peers = joinPeers({
      broker,
      id,
      logger: { info() {} } as unknown as PeersOptions['logger'],
      configuration: { subscription: () => undefined },
      onPause: (paused) => void toldBy.push(paused.id),
      onJoined: (dispatcher) => peers.tellPause('acme', 'sub_1', 60_000, dispatcher),
    })
    await peers.introduce()
    return { peers, toldBy }
  }
  const all = [await join('dsp_1'), await join('dsp_2'), await join('dsp_3')]
  expect(all.map(({ toldBy }) => toldBy.toSorted())).toEqual([[], ['dsp_1'], ['dsp_1', 'dsp_2']])
  for (const { peers } of all) await peers.leave()
})

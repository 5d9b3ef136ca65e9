import { expect, test } from 'vitest'
import { KnownPeers } from './known-peers.ts'

test('a peer is known from its first heartbeat on, until it leaves', () => {
  const peers = new KnownPeers()
  expect([peers.heard('a', 0), peers.heard('a', 1_000), peers.heard('b', 1_000)]).toEqual([true, false, true])
  peers.left('a', 2_000)
  expect(peers.ids()).toEqual(['b'])
})

test('one that leaves may have something under way for a while, one that is silent has not', () => {
  const peers = new KnownPeers()
  peers.heard('a', 0)
  peers.heard('b', 0)
  peers.left('a', 1_000)
  peers.forgetSilent(4_000)
  expect(['a', 'b'].map((id) => peers.isFinishing(id))).toEqual([true, false])
  peers.forgetSilent(26_001)
  expect(peers.isFinishing('a')).toBe(false)
})

test('one that is silent for more than three heartbeats is gone', () => {
  const peers = new KnownPeers()
  peers.heard('a', 0)
  peers.heard('b', 2_000)
  peers.forgetSilent(3_400)
  expect(peers.team.count).toBe(3)
  peers.forgetSilent(3_600)
  expect(peers.ids()).toEqual(['b'])
})

test('nobody is gone because we could not hear', () => {
  const peers = new KnownPeers()
  peers.heard('a', 0)
  peers.excuseSilence(60_000)
  peers.forgetSilent(60_001)
  expect(peers.ids()).toEqual(['a'])
})

test('the team is another one whenever somebody comes or goes', () => {
  const peers = new KnownPeers()
  const alone = peers.team
  peers.heard('a', 5_000)
  const two = peers.team
  peers.heard('a', 6_000)
  expect(peers.team).toBe(two)
  peers.forgetSilent(10_000)
  expect([alone, two, peers.team]).toEqual([
    { count: 1, since: -Infinity },
    { count: 2, since: 5_000 },
    { count: 1, since: 10_000 },
  ])
})

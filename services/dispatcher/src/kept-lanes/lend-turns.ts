import { TransientMap } from '@jethook/runtime'
import type { LaneTurn } from '../lanes/lane.ts'
import type { Deferral } from '../lanes/put-off.ts'
import type { Message, TurnMessages } from './turn-messages.ts'

export interface LendTurnsOptions {
  readonly id: string
  readonly send: TurnMessages['send']
  /** Asks the lane here. */
  readonly enter: (ask: Message<'ask'>) => LaneTurn | Deferral | Promise<LaneTurn | Deferral>
  /** Whether a dispatcher lives. */
  readonly lives: (dispatcher: string) => boolean
  /** Whether one that left may have attempts under way still. It asks for nothing more. */
  readonly isFinishing: (dispatcher: string) => boolean
  /** Milliseconds that only grow. */
  readonly now: () => number
}

/** Gives other dispatchers turns of lanes that this one keeps, and takes them back. */
export interface TurnLender {
  asked(ask: Message<'ask'>): Promise<void>
  givenBack(message: Message<'given_back'>): void
  /** Takes back the turns of those who are gone, or whose word got lost. */
  sweep(): void
}

interface Lease {
  readonly turn: LaneTurn
  readonly dispatcher: string
  readonly until: number
}

export function createTurnLender({ id, send, enter, lives, isFinishing, now }: LendTurnsOptions): TurnLender {
  const leases = new TransientMap<number, Lease>()
  let lent = 0

  return {
    async asked(ask) {
      const entering = enter(ask)
      if (entering instanceof Promise) send(ask.from, { type: 'in_line', ask: ask.ask })
      const entered = entering instanceof Promise ? await entering : entering
      if ('deferUntil' in entered) {
        const inMs = Math.max(0, entered.deferUntil - Date.now())
        return send(ask.from, { type: 'not_now', ask: ask.ask, inMs, reason: entered.reason })
      }
      if (isFinishing(ask.from)) return entered.leave()
      leases.set(++lent, { turn: entered, dispatcher: ask.from, until: now() + ask.leaseMs })
      send(ask.from, { type: 'lent', from: id, ask: ask.ask, turn: lent })
    },
    givenBack({ turn, shown }) {
      leases.get(turn)?.turn.leave(shown)
      leases.delete(turn)
    },
    sweep() {
      for (const [number, { turn, dispatcher, until }] of leases) {
        if (now() < until && (lives(dispatcher) || isFinishing(dispatcher))) continue
        leases.delete(number)
        turn.lose()
      }
    },
  }
}

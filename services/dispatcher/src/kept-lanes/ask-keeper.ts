import { TransientMap } from '@jethook/runtime'
import type { Turn } from '../lanes/lane.ts'
import type { Deferral } from '../lanes/put-off.ts'
import type { Message, TurnMessages } from './turn-messages.ts'

export interface AskKeeperOptions {
  readonly id: string
  readonly send: TurnMessages['send']
  /** Whether a dispatcher lives, and can be heard. */
  readonly lives: (dispatcher: string) => boolean
  readonly random: () => number
  /** Milliseconds that only grow. */
  readonly now: () => number
}

/** Asks other dispatchers for turns of lanes that they keep. */
export interface KeeperAsker {
  ask(keeper: string, question: Omit<Message<'ask'>, 'type' | 'from' | 'ask'>): Promise<Turn | Deferral>
  heard(answer: Message<'in_line'> | Message<'lent'> | Message<'not_now'>): void
  /** Waits no longer for those who are gone, or whose answer got lost. */
  sweep(): void
  /** Waits no longer for anybody who was asked. */
  stop(): void
}

interface Asked {
  readonly keeper: string
  readonly giveUpAt: number
  readonly resolve: (answer: Turn | Deferral) => void
}

/** Who is not heard of for so long never got the question. */
const answerWithinMs = 2_000
/** Longer than anybody waits in a lane. */
const inLineForMs = 130_000
/** A keeper that is gone is replaced within so long. */
const comeAgain = { earliestMs: 1_000, withinMs: 3_000 } as const

export function createKeeperAsker({ id, send, lives, random, now }: AskKeeperOptions): KeeperAsker {
  const waiting = new TransientMap<number, Asked>()
  let asks = 0

  const giveUp = (ask: number, { resolve }: Asked): void => {
    waiting.delete(ask)
    const deferUntil = Math.round(Date.now() + comeAgain.earliestMs + comeAgain.withinMs * random())
    resolve({ deferUntil, reason: 'saturated' })
  }
  const borrowed = ({ from, turn }: Message<'lent'>): Turn => {
    let isOver = false
    return {
      leave(shown) {
        if (!isOver) send(from, { type: 'given_back', turn, shown })
        isOver = true
      },
    }
  }

  return {
    ask: (keeper, question) =>
      new Promise((resolve) => {
        const asked = { keeper, giveUpAt: now() + answerWithinMs, resolve }
        waiting.set(++asks, asked)
        send(keeper, { type: 'ask', from: id, ask: asks, ...question })
      }),
    heard(answer) {
      const asked = waiting.get(answer.ask)
      if (answer.type === 'in_line') {
        if (asked) waiting.set(answer.ask, { ...asked, giveUpAt: now() + inLineForMs })
        return
      }
      waiting.delete(answer.ask)
      if (answer.type === 'not_now')
        return asked?.resolve({ deferUntil: Math.round(Date.now() + answer.inMs), reason: answer.reason })
      const turn = borrowed(answer)
      if (asked) asked.resolve(turn)
      else turn.leave()
    },
    sweep() {
      for (const [ask, asked] of waiting) if (!lives(asked.keeper) || now() > asked.giveUpAt) giveUp(ask, asked)
    },
    stop() {
      for (const [ask, asked] of waiting) giveUp(ask, asked)
    },
  }
}

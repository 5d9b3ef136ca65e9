import type { ConfigurationFollower } from '@jethook/configuration'
import type { OperationalEvent } from '@jethook/contracts'
import { caughtUp } from '../../append/caught-up.ts'
import type { Signals } from '../../signals.ts'
import type { HandleNotice, NoticeResult } from '../consume-notices.ts'
import type { Mailer } from './open-mailer.ts'
import { writeMail } from './write-mail.ts'

export interface MailNoticeOptions {
  readonly follower: ConfigurationFollower
  readonly mailer: Mailer
  readonly signals: Signals
  readonly now: () => number
}

const firstPauseMs = 5_000
const longestPauseMs = 3_600_000
/** Nobody needs to hear later than this that something happened. */
const tooOldMs = 3 * 86_400_000

/** A notice goes to the contact address of its tenant, if there is one. */
export function createMailNotice({ follower, mailer, signals, now }: MailNoticeOptions): HandleNotice {
  return async (notice: OperationalEvent, attempt: number): Promise<NoticeResult> => {
    const again: NoticeResult = { againInMs: Math.min(firstPauseMs * 2 ** (attempt - 1), longestPauseMs) }
    const to = await contactOf(follower, notice.tenant).catch(() => undefined)
    if (to === undefined) return again
    if (to === null || now() - notice.at > tooOldMs) return 'done'
    const result = await mailer.send({ to, id: notice.id, ...writeMail(notice) })
    switch (result.type) {
      case 'sent':
        signals.noticeMailed(notice)
        return 'done'
      case 'refused':
        signals.noticeNotMailed(notice, 'refused', result.error)
        return 'done'
      case 'failed':
        signals.noticeNotMailed(notice, 'failed', result.error)
        return again
    }
  }
}

/** Null when there is nobody to write to. Rejects while the configuration cannot be read. */
async function contactOf(follower: ConfigurationFollower, tenant: string): Promise<string | null> {
  await caughtUp(follower)
  return follower.configuration.tenant(tenant)?.contactEmail ?? null
}

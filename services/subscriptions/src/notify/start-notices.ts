import type { ConfigurationFollower } from '@jethook/configuration'
import { announceConsumer, DomainEvent, mailConsumer, noticeConsumer, OperationalEvent } from '@jethook/contracts'
import type { Broker, Logger } from '@jethook/runtime'
import type { Signals } from '../signals.ts'
import { createAnnounceChange } from './announce-change.ts'
import { consume } from './consume-shared.ts'
import { createDeliverNotice } from './deliver-notice.ts'
import { createMailNotice } from './mail/mail-notice.ts'
import { openMailer } from './mail/open-mailer.ts'

export interface NoticesOptions {
  readonly broker: Broker
  readonly follower: ConfigurationFollower
  readonly logger: Logger
  readonly signals: Signals
  /** Undefined: no mail is sent. */
  readonly mail: { readonly smtpUrl: string; readonly from: string } | undefined
}

/** Takes what happened to webhooks to those who want to hear of it: by webhook and by mail. */
export function startNotices({ broker, follower, logger, signals, mail }: NoticesOptions): { stop(): Promise<void> } {
  const mailer = mail && openMailer(mail.smtpUrl, mail.from)
  const { publisher } = broker
  const sources = { broker, logger }
  const ways = [
    consume(announceConsumer, {
      ...sources,
      schema: DomainEvent,
      handle: createAnnounceChange({ follower, publisher, signals }),
    }),
    consume(noticeConsumer, {
      ...sources,
      schema: OperationalEvent,
      handle: createDeliverNotice(publisher, signals),
    }),
    ...(mailer
      ? [
          consume(mailConsumer, {
            ...sources,
            schema: OperationalEvent,
            handle: createMailNotice({ follower, mailer, signals, now: Date.now }),
          }),
        ]
      : []),
  ]
  return {
    async stop() {
      await Promise.all(ways.map((way) => way.stop()))
      mailer?.close()
    },
  }
}

import type { ConfigurationFollower } from '@jethook/configuration'
import { mailConsumer, noticeConsumer } from '@jethook/contracts'
import type { Broker, Logger } from '@jethook/runtime'
import type { Signals } from '../signals.ts'
import { consumeNotices } from './consume-notices.ts'
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
  const ways = [
    consumeNotices(noticeConsumer, { broker, logger, handle: createDeliverNotice(broker.publisher, signals) }),
    ...(mailer
      ? [
          consumeNotices(mailConsumer, {
            broker,
            logger,
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

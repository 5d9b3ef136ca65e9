import { createTransport } from 'nodemailer'
import type { Mail } from './write-mail.ts'

export interface Message extends Mail {
  readonly to: string
  /** The same for the same mail: mail servers recognise one that is sent twice. */
  readonly id: string
}

/** The server took the mail, or did not and never will, or cannot right now. */
export type SendResult =
  | { readonly type: 'sent' }
  | { readonly type: 'refused'; readonly error: Error }
  | { readonly type: 'failed'; readonly error: Error }

export interface Mailer {
  send(message: Message): Promise<SendResult>
  close(): void
}

/** Together less than the acknowledge-wait of notices. */
const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000, dnsTimeout: 10_000 }

/** `url`: `smtp://user:password@host:port`, or smtps; nodemailer reads further settings from its query. */
export function openMailer(url: string, from: string): Mailer {
  const transport = createTransport({ url, pool: true, maxConnections: 2, ...timeouts })
  return {
    async send({ to, id, subject, text }) {
      try {
        await transport.sendMail({
          from,
          to,
          subject,
          text,
          messageId: `<${id}@jethook>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
          // The text holds URLs that customers chose: nothing of it may be read as a file or an address to fetch.
          disableFileAccess: true,
          disableUrlAccess: true,
        })
        return { type: 'sent' }
      } catch (error) {
        return { type: isFinal(error as SmtpError) ? 'refused' : 'failed', error: error as Error }
      }
    },
    close: () => transport.close(),
  }
}

interface SmtpError extends Error {
  readonly code?: string
  readonly responseCode?: number
}

/** The address or the mail itself was refused for good. What is wrong with our access may be put right. */
const isFinal = ({ code, responseCode = 0 }: SmtpError): boolean =>
  (code === 'EENVELOPE' || code === 'EMESSAGE') && (responseCode >= 500 || responseCode === 0)

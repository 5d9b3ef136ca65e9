import { SMTPServer, type SMTPServerSession } from 'smtp-server'
import type { AddressInfo } from 'node:net'

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  /** Header lines and body, as they came. */
  readonly raw: string
}

export interface MailServer {
  readonly url: string
  readonly mails: readonly ReceivedMail[]
  /** Answers the next mails with this instead of taking them; undefined takes them again. */
  refuse(problem: { readonly code: number; readonly message: string } | undefined): void
  close(): Promise<void>
}

/** A real SMTP server that keeps what it gets. */
export async function startMailServer(port = 0): Promise<MailServer> {
  const mails: ReceivedMail[] = []
  let refusal: { readonly code: number; readonly message: string } | undefined
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo(_address, _session, callback) {
      callback(refusal && Object.assign(new Error(refusal.message), { responseCode: refusal.code }))
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        // Lines that were broken for the way (quoted-printable) are whole again.
        const raw = Buffer.concat(chunks).toString('utf8').replaceAll('=\r\n', '')
        mails.push({ ...addressesOf(session), raw })
        callback()
      })
    },
  })
  server.on('error', () => undefined)
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve)
  })
  const { port: taken } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${taken}`,
    mails,
    refuse: (problem) => {
      refusal = problem
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function addressesOf({ envelope }: SMTPServerSession): Pick<ReceivedMail, 'from' | 'to'> {
  const { mailFrom, rcptTo } = envelope
  return { from: mailFrom ? mailFrom.address : '', to: rcptTo.map(({ address }) => address) }
}

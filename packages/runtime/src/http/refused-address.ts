import { SettingsError } from '../settings.ts'

interface SystemError extends NodeJS.ErrnoException {
  readonly address?: string
  readonly port?: number
  readonly hostname?: string
}

/** What the system says of HOST and PORT when a server is to listen there: a sentence about the setting. Undefined for any other error. */
export function refusedAddress(error: unknown, host: string): SettingsError | undefined {
  if (!(error instanceof Error)) return undefined
  const { syscall, code, address, port, hostname, message }: SystemError = error
  if (syscall !== 'listen' && !(syscall === 'getaddrinfo' && hostname === host)) return undefined
  const why = {
    EADDRINUSE: `PORT is not usable: something listens on port ${port} of ${address} already.`,
    EACCES: `PORT is not usable: this user may not listen on port ${port}.`,
  }[code ?? '']
  return new SettingsError(why ?? `HOST is not usable: ${message}.`, { cause: error })
}

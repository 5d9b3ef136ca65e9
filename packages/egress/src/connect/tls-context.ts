import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createSecureContext, DEFAULT_CIPHERS, getCACertificates, type SecureContext } from 'node:tls'

/** All in PEM. Certificates of receivers are always verified; there is no setting to leave that off. */
export interface TlsOptions {
  /** Authorities to trust besides the usual ones. */
  readonly ca?: string
  /** The client's certificate, followed by intermediate ones. */
  readonly cert?: string
  readonly key?: string
  readonly passphrase?: string
}

/**
 * With DHE a receiver chooses the group: one of 10,000 bits, which need not even be a prime, holds up the whole process for a
 * second. Who has DHE nearly always has ECDHE, too.
 */
const ciphers = `${DEFAULT_CIPHERS}:!DHE`

/** One for all connections of an agent: reading 150 authorities again for each of them would take milliseconds. */
export function tlsContext({ ca, ...client }: TlsOptions): SecureContext {
  return createSecureContext({
    ...client,
    ciphers,
    ...(ca !== undefined && { ca: [...getCACertificates('default'), ...parseCertificates(ca)] }),
  })
}

/** The text of a bundle. Throws what is wrong with the file, as the end of a sentence. */
export function readAuthorities(path: string): string {
  let pem: string
  try {
    pem = readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`the file ${path} cannot be read`, { cause: error })
  }
  parseCertificates(pem)
  return pem
}

/** The certificates of a bundle. Throws what is wrong with it, as the end of a sentence. */
export function parseCertificates(pem: string): string[] {
  const found = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  if (!found) throw new Error('it holds no certificate in PEM, which begins with -----BEGIN CERTIFICATE-----')
  found.forEach((certificate, index) => {
    try {
      new X509Certificate(certificate)
    } catch (error) {
      throw new Error(`certificate ${index + 1} of ${found.length} cannot be read`, { cause: error })
    }
  })
  return found
}

import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { ProblemError, type ClientCertificate, type ClientCertificateInput } from '@jethook/contracts'

const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** A dispatcher signs with it at each handshake, and does nothing else meanwhile: with 4,096 bits for 5 ms, with 16,384 for 400. */
const longestKeyBits = 4_096
/** Nearly all have 65,537. OpenSSL checks and blinds each signature with it: as long as the key, it takes ten times as long as signing. */
const greatestExponent = 2n ** 32n

/** All about a client certificate but its key, which must fit. Throws `invalid_client_certificate`. */
export function readClientCertificate(
  { certificate, key }: ClientCertificateInput,
  at: number,
): Omit<ClientCertificate, 'key'> {
  const chain = certificate.match(block) ?? []
  const [own] = chain.map(readCertificate)
  if (!own) throw refused('certificate', 'must be in PEM, which begins with -----BEGIN CERTIFICATE-----')
  const expiresAt = own.validToDate.getTime()
  if (expiresAt <= at) throw refused('certificate', `expired at ${own.validToDate.toISOString()}`)
  const privateKey = readKey(key)
  if (!own.checkPrivateKey(privateKey)) throw refused('key', 'is not the key of the certificate')
  const { modulusLength = 0, publicExponent = 0n } = privateKey.asymmetricKeyDetails ?? {}
  if (modulusLength > longestKeyBits)
    throw refused('key', `has ${modulusLength} bits; it must have at most ${longestKeyBits}`)
  if (publicExponent > greatestExponent) throw refused('key', 'has a public exponent of more than 32 bits')
  requireUsable(chain.join('\n'), key)
  return {
    certificate: `${chain.join('\n')}\n`,
    subject: own.subject ?? '',
    fingerprint: own.fingerprint256,
    expiresAt,
  }
}

function readCertificate(pem: string, index: number): X509Certificate {
  try {
    return new X509Certificate(pem)
  } catch {
    throw refused('certificate', `holds a certificate that cannot be read, the one at place ${index + 1}`)
  }
}

function readKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem)
  } catch {
    // What OpenSSL says of it is not passed on: nothing about a key is to get into an answer or a log.
    throw refused('key', 'must be a private key in PEM, not encrypted')
  }
}

/** TLS asks for more than that a certificate can be read: keys must not be too short, those of intermediate ones neither. */
function requireUsable(cert: string, key: string): void {
  try {
    createSecureContext({ cert, key })
  } catch (error) {
    throw refused(
      'certificate',
      `cannot be used for TLS (${(error as { reason?: string }).reason ?? 'OpenSSL refuses it'})`,
    )
  }
}

function refused(field: keyof ClientCertificateInput, message: string): ProblemError {
  const path = `clientCertificate.${field}`
  return new ProblemError('invalid_client_certificate', `${path}: ${message}.`, { errors: [{ field: path, message }] })
}

import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { bits, explicit, integer, objectId, octets, sequence, set, time, utf8, type Der } from './der.ts'

export interface CertificateOptions {
  /** The common name. */
  readonly name: string
  /** DNS names and IPv4 addresses that it is good for. */
  readonly hosts?: readonly string[]
  /** Days from now until it expires; negative: it has expired. */
  readonly days?: number
  /** An RSA key of so many bits, instead of one on an elliptic curve. */
  readonly rsaBits?: number
  /** With RSA: the exponent that is usually private is the public one, so that it is as long as the key. */
  readonly swapsExponents?: boolean
}

/** Everything in PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

export interface Authority {
  readonly cert: string
  issue(options: CertificateOptions): Certificate
}

/** Makes certificates for tests as they run, so that none is ever out of date: X.509 v3 (RFC 5280) with ECDSA keys. */
export function createAuthority(name: string): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer = { name, key: keys.privateKey }
  return {
    cert: certify({ name, publicKey: keys.publicKey, isAuthority: true, days: 2 }, issuer),
    issue(options) {
      const { rsaBits, swapsExponents = false } = options
      const { privateKey } =
        rsaBits === undefined
          ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
          : generateKeyPairSync('rsa', { modulusLength: rsaBits })
      const own = swapsExponents ? withExponentsSwapped(privateKey) : privateKey
      return {
        cert: certify({ days: 2, ...options, publicKey: createPublicKey(own), isAuthority: false }, issuer),
        key: pemKey(own),
      }
    },
  }
}

/** One that nobody vouches for but itself. Who trusts it as an authority trusts the server that shows it. */
export function selfSigned(options: CertificateOptions): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = { days: 2, ...options, publicKey, isAuthority: true }
  return { cert: certify(subject, { name: options.name, key: privateKey }), key: pemKey(privateKey) }
}

function withExponentsSwapped(key: KeyObject): KeyObject {
  const { e = '', d = '', ...rest } = key.export({ format: 'jwk' })
  // Less than either prime: it is the same modulo them.
  return createPrivateKey({ key: { ...rest, e: d, d: e, dp: e, dq: e }, format: 'jwk' })
}

interface Subject extends CertificateOptions {
  readonly days: number
  readonly publicKey: KeyObject
  readonly isAuthority: boolean
}

const dayMs = 86_400_000
const ecdsaWithSha256 = sequence(objectId('1.2.840.10045.4.3.2'))

function certify(subject: Subject, issuer: { readonly name: string; readonly key: KeyObject }): string {
  const now = Date.now()
  const content = sequence(
    explicit(0, integer(2)),
    integer(randomBytes(8).readUIntBE(0, 6)),
    ecdsaWithSha256,
    distinguishedName(issuer.name),
    sequence(time(now - 30 * dayMs), time(now + subject.days * dayMs)),
    distinguishedName(subject.name),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions(subject))),
  )
  const signature = sign('sha256', content, issuer.key)
  return pem('CERTIFICATE', sequence(content, ecdsaWithSha256, bits(signature)))
}

const distinguishedName = (name: string): Der => sequence(set(sequence(objectId('2.5.4.3'), utf8(name))))

function extensions({ hosts = [], isAuthority }: Subject): Der[] {
  const names = hosts.map((host) => alternativeName(host))
  return [
    ...(isAuthority ? [extension('2.5.29.19', sequence(Buffer.from([1, 1, 0xff])))] : []),
    ...(names.length > 0 ? [extension('2.5.29.17', sequence(...names))] : []),
  ]
}

const extension = (id: string, value: Der): Der => sequence(objectId(id), octets(value))

/** RFC 5280, 4.2.1.6: dNSName is [2], iPAddress is [7]. */
function alternativeName(host: string): Der {
  const isAddress = /^[\d.]+$/.test(host)
  const value = isAddress ? Buffer.from(host.split('.').map(Number)) : Buffer.from(host)
  return Buffer.concat([Buffer.from([isAddress ? 0x87 : 0x82, value.length]), value])
}

const pemKey = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' })

const pem = (label: string, der: Der): string =>
  `-----BEGIN ${label}-----\n${der.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`

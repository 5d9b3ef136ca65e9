import { expect, test } from 'vitest'
import { readConfig } from './config.ts'

const environment = {
  NATS_URL: 'nats://127.0.0.1:4222',
  DATABASE_URL: 'postgres://jethook@127.0.0.1/jethook',
  OPERATOR_KEY: 'sixteen or more characters',
  ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
}

test('the least that must be set is enough', () => {
  expect(readConfig(environment)).toMatchObject({ ...environment, PORT: 4000, HOST: '0.0.0.0' })
})

test('links begin with the public address, without a slash at its end', () => {
  expect(readConfig({ ...environment, PUBLIC_URL: 'https://hooks.example.com/' }).PUBLIC_URL).toBe(
    'https://hooks.example.com',
  )
})

test('where requests may go is set by what both services have', () => {
  const set = { ALLOWED_NETWORKS: '127.0.0.0/8, ::1', HTTPS_ONLY: 'true', DNS_SERVERS: 'system' }
  expect(readConfig({ ...environment, ...set })).toMatchObject({ ...set, HTTPS_ONLY: true })
})

test('mail needs a server and a sender', () => {
  const mail = { SMTP_URL: 'smtp://127.0.0.1', NOTIFY_FROM: 'notices@example.com' }
  expect(readConfig({ ...environment, ...mail })).toMatchObject(mail)
  const sentence = 'SMTP_URL and NOTIFY_FROM go together: set both to send mail, or neither.'
  for (const name of ['SMTP_URL', 'NOTIFY_FROM'])
    expect(() => readConfig({ ...environment, ...mail, [name]: '' })).toThrow(sentence)
})

test.each([
  ['PUBLIC_URL', 'hooks.example.com', /^PUBLIC_URL is not usable: it must look like https:/],
  ['SMTP_URL', 'mail.example.com:587', /^SMTP_URL is not usable: it must look like smtp:/],
  ['SECRET_LINK_HOURS', '0', /^SECRET_LINK_HOURS is not usable: it must be more than 0\.$/],
  ['NICE', 'very', /^NICE is not usable: it must be a number\.$/],
  ['PORT', '70000', /^PORT is not usable: it must be at most 65535\.$/],
  ['PORT', '80.5', /^PORT is not usable: it must be a whole number\.$/],
  ['LOG_LEVEL', 'loud', /^LOG_LEVEL is not usable: it must be "fatal", .* or "silent"\.$/],
  ['OPERATOR_KEY', 'short', /^OPERATOR_KEY is not usable: it must have at least 16 characters/],
  ['ENCRYPTION_KEYS', 'k1:c2hvcnQ=', /^ENCRYPTION_KEYS is not usable: it must be <key id>:<base64 of 32 random bytes>/],
  [
    'ENCRYPTION_KEYS',
    `${environment.ENCRYPTION_KEYS},k1:${Buffer.alloc(32, 1).toString('base64')}`,
    /^ENCRYPTION_KEYS is not usable: it must give each key an id of its own; k1 stands there twice\.$/,
  ],
  ['ALLOWED_NETWORKS', '10.0.0.0/8 loopback', /^ALLOWED_NETWORKS is not usable: "10\.0\.0\.0\/8 loopback" /],
  ['ALLOWED_PORTS', '0', /^ALLOWED_PORTS is not usable: "0" is neither a port from 1 to 65535 nor a range/],
  ['HTTPS_ONLY', 'perhaps', /^HTTPS_ONLY is not usable: it must be true or false\.$/],
  ['DNS_SERVERS', 'resolver', /^DNS_SERVERS is not usable: it must be "system", or addresses of name servers/],
  ['EGRESS_PROXY', 'socks://proxy', /^EGRESS_PROXY is not usable: it must be the http URL of a proxy/],
  ['EGRESS_CA_FILE', '/nowhere.pem', /^EGRESS_CA_FILE is not usable: the file \/nowhere\.pem cannot be read\.$/],
  ['DATABASE_URL', 'localhost', /^DATABASE_URL is not usable: it must look like postgres:\/\//],
  ['DATABASE_URL', '', /^DATABASE_URL is not set, and has no default\.$/],
])('%s=%s stops the start with one clear sentence', (name, value, sentence) => {
  expect(() => readConfig({ ...environment, [name]: value })).toThrow(sentence)
})

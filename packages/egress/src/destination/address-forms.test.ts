import { describe, expect, test } from 'vitest'
import { ipv4Notations, refusedUrls } from '../../../../test/infrastructure/address-forms.ts'
import { parsePolicy } from '../policy/parse-policy.ts'
import { checkUrl } from './check-url.ts'

describe('no way to write an address that is not public passes', () => {
  // A policy that allows some network lets internal names through until they are resolved; addresses it must not.
  test.each([
    ['by default', parsePolicy({})],
    ['where another network is allowed', parsePolicy({ ALLOWED_NETWORKS: '10.99.0.0/16,fd99::/16' })],
  ])('%s', (_name, policy) => {
    const passed = refusedUrls.filter(([, url]) => checkUrl(url, policy) === undefined)
    expect(passed).toEqual([])
  })

  test('of at least 200 different ways', () => {
    expect(new Set(refusedUrls.map(([, url]) => url)).size).toBeGreaterThanOrEqual(400)
  })

  test('the notations are understood, not merely rejected', () => {
    const policy = parsePolicy({})
    const rejected = refusedUrls.filter(([, url]) => checkUrl(url, policy)?.code === 'destination_invalid')
    // Only zones: a URL cannot hold them.
    expect(rejected.map(([, url]) => url).filter((url) => !url.includes('%25') && !url.includes('%eth0'))).toEqual([])
  })
})

test('the same notations of a public IPv4 address pass, as far as they are no tunnel', () => {
  const policy = parsePolicy({})
  const passed = Object.entries(ipv4Notations)
    .filter(([, write]) => checkUrl(`http://${write([93, 184, 215, 14])}/`, policy) === undefined)
    .map(([notation]) => notation)
  expect(passed).toEqual(
    Object.keys(ipv4Notations).filter((notation) => !/IPv4|NAT64|6to4|Teredo|ISATAP/.test(notation)),
  )
})

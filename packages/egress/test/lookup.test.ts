import { expect, test } from 'vitest'
import { startDnsServer } from '../../../test/infrastructure/dns-server.ts'
import { createLookup, lookupThrough } from '../src/destination/lookup.ts'

test('a name that takes a while to be resolved is waited for, also by who got answers at once before', async () => {
  // Our name server asks those of the receiver, of which one may be far away, or down.
  await using dns = await startDnsServer((name, query) =>
    name === 'slow.test' && query < 4 ? 'silent' : ['192.0.2.1'],
  )
  const lookup = createLookup(dns.address)
  for (let index = 0; index < 10; index++) await lookup(`quick-${index}.test`)
  expect(await lookup('slow.test')).toEqual([{ address: '192.0.2.1' }])
}, 20_000)

test('IPv4 addresses do not wait for a name server that says nothing about IPv6, and IPv6 ones wait for IPv4', async () => {
  const silent = new Promise<never>(() => undefined)
  const mute = lookupThrough({ resolve4: async () => ['192.0.2.1'], resolve6: () => silent } as never)
  expect(await mute('receiver.test')).toEqual([{ address: '192.0.2.1' }])

  const ipv4 = Promise.withResolvers<string[]>()
  const both = lookupThrough({ resolve4: () => ipv4.promise, resolve6: async () => ['2001:db8::1'] } as never)
  const found = both('receiver.test')
  ipv4.resolve(['192.0.2.1'])
  expect(await found).toEqual([{ address: '192.0.2.1' }, { address: '2001:db8::1' }])
})

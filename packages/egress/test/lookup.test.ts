import { expect, test } from 'vitest'
import { startDnsServer } from '../../../test/infrastructure/dns-server.ts'
import { createLookup } from '../src/destination/lookup.ts'

test('a name that takes a while to be resolved is waited for, also by who got answers at once before', async () => {
  // Our name server asks those of the receiver, of which one may be far away, or down.
  await using dns = await startDnsServer((name, query) =>
    name === 'slow.test' && query < 4 ? 'silent' : ['192.0.2.1'],
  )
  const lookup = createLookup(dns.address)
  for (let index = 0; index < 10; index++) await lookup(`quick-${index}.test`)
  expect(await lookup('slow.test')).toEqual([{ address: '192.0.2.1' }])
  // Where c-ares learnt that ours is slow, each of the first three may take 2 s.
}, 30_000)

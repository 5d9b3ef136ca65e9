import { expect, test } from 'vitest'
import { parseEventSubject } from './subjects.ts'

const long = 'x'.repeat(300)

test.each([
  ['events.acme.deposit.settled', 'acme', 'deposit.settled'],
  ['intake.acme.deposit.settled', 'acme', 'deposit.settled'],
  ['intake.acme', 'acme', ''],
  ['intake.acme.', 'acme', ''],
  ['intake', '', ''],
  ['intake.Žoë.日本', 'Žoë', '日本'],
  [`intake.acme.${long}`, 'acme', long],
])('%s is of tenant %j and event type %j, the second time too', (subject, tenant, eventType) => {
  for (let time = 0; time < 2; time++) expect(parseEventSubject(subject)).toEqual({ tenant, eventType })
})

test('however many subjects there are, each is read right', () => {
  for (let round = 0; round < 2; round++)
    for (let index = 0; index < 25_000; index++)
      if (parseEventSubject(`events.tenant-${index}.type.${index}`).eventType !== `type.${index}`)
        expect.unreachable(`subject ${index}`)
})

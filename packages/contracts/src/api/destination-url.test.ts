import { expect, test } from 'vitest'
import { DestinationUrl } from './destination-url.ts'

test.each([
  ['https://example.com/webhooks', 'https://example.com/webhooks'],
  [' https://example.com/ \n', 'https://example.com/'],
  ['HTTP://Example.com:8080/a b?c=%20', 'HTTP://Example.com:8080/a b?c=%20'],
])('%j is kept as %s', (entered, kept) => {
  expect(DestinationUrl.parse(entered)).toBe(kept)
})

test.each([
  ['example.com/webhooks', 'must be an absolute URL like https://example.com/webhooks'],
  ['', 'must be an absolute URL like https://example.com/webhooks'],
  ['ftp://example.com/', 'must be http or https, not ftp:'],
  ['https://user:password@example.com/', 'must not hold a user name or password'],
  ['https://example.com/#part', 'must not have a fragment (#…), which is never sent'],
  ['https://exam\nple.com/', 'must not hold tabs or line breaks'],
  ['https://example.com/a\tb', 'must not hold tabs or line breaks'],
])('%j is refused: it %s', (entered, message) => {
  expect(DestinationUrl.safeParse(entered).error?.issues.map((issue) => issue.message)).toEqual([message])
})

import { expect, test } from 'vitest'
import { storableJson, storableText } from './storable.ts'

test.each([
  ['plain', 'plain'],
  ['a\0b\0', 'ab'],
  ['half \uD83D', 'half \uFFFD'],
  ['whole 😀', 'whole 😀'],
])('%j is stored as %j', (text, stored) => {
  expect(storableText(text)).toBe(stored)
  expect(JSON.parse(storableJson({ deep: [text] }))).toEqual({ deep: [stored] })
})

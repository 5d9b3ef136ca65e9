import { expect, test } from 'vitest'
import { inOnePiece } from './in-one-piece.ts'

test.each([
  '',
  'dlv_0123',
  'é',
  'Žoë',
  '日本',
  '\ud83d\ude00',
  'x'.repeat(256),
  'x'.repeat(257),
  'x'.repeat(255) + 'é',
  '日'.repeat(256),
])('%j stays the same', (text) => {
  expect(inOnePiece(text)).toBe(text)
})

import { expect, test } from 'vitest'
import { readable } from './log-line.ts'

test.each([
  [
    '{"level":"warn","time":"2026-01-01T00:00:00.000Z","service":"ingest","pid":7,"server":"a:1","msg":"nats.disconnected"}',
    'ingest | warn nats.disconnected server=a:1',
  ],
  [
    '{"level":"error","msg":"projection.failed","batch":{"size":2},"err":{"type":"Error","message":"no"}}',
    'ingest | error projection.failed batch={"size":2} no',
  ],
  [
    '{"level":"fatal","msg":"process.crashed","err":{"message":"no","stack":"Error: no\\n    at here"}}',
    'ingest | fatal process.crashed \nError: no\n    at here',
  ],
  ['(node:1) Warning: something', 'ingest | (node:1) Warning: something'],
  ['{ not JSON', 'ingest | { not JSON'],
])('%s', (line, expected) => {
  expect(readable('ingest', line)).toBe(expected)
})

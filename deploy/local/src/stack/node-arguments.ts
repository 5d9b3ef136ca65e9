/**
 * What Node is started with, by service. The dispatcher holds thousands of deliveries for as long as their receivers take:
 * all of that is garbage later which V8, left alone, collects when the heap has grown to several times of what is used. So
 * the young generation is a quarter of the usual one, and the old one grows by half between collections. That took
 * the dispatcher from 545 to 270 MB with 2,000 attempts under way (`npm run bench -- memory`), and 5 to 17 % more CPU.
 */
export const nodeArguments = {
  ingest: [],
  subscriptions: [],
  dispatcher: ['--max-semi-space-size=8', '--heap-growing-percent=50'],
} as const satisfies Record<string, readonly string[]>

import { setFlagsFromString } from 'node:v8'

/**
 * For processes of the bench itself: a full collection of their heaps takes a core for up to 100 ms, and whoever is
 * measured at that time would be thought to be slow.
 */
export function collectSeldom(): void {
  for (const flag of [
    '--no-allocation-site-pretenuring',
    '--incremental-marking-soft-trigger=40',
    '--incremental-marking-hard-trigger=60',
    '--heap-growing-percent=300',
  ])
    setFlagsFromString(flag)
}

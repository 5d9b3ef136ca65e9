import { nodeArguments } from '@jethook/local'

/**
 * For the Node of the bench's own processes: a full collection of their heaps takes a core for up to 100 ms, and whoever
 * is measured at that time would be thought to be slow.
 */
export const collectSeldom: readonly string[] = [...nodeArguments.ingest, '--heap-growing-percent=300']

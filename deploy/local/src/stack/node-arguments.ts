/**
 * V8 learns under load that some objects live long, and puts all later ones of their kind where only a full collection
 * takes them away. Here they live as long as a request: with it the dispatcher put 4 KB of each delivery there.
 *
 * And it begins to mark for a full collection when the room left is no more than the young generation, memory outside the
 * heap (buffers) included: with heaps as small as these, after 8 MB of buffers, which the log took in 1.5 s at 1,000
 * events/s. Marking takes a core for 100 ms. So it waits until two fifths of the room are used; later, one young collection
 * could fill the rest, and the full one would have to do all at once, for as long, while nothing else is done.
 */
const common = [
  '--no-allocation-site-pretenuring',
  '--incremental-marking-soft-trigger=40',
  '--incremental-marking-hard-trigger=60',
]

/**
 * What Node is started with, by service. The dispatcher holds thousands of deliveries for as long as their receivers take,
 * and all of that is garbage later, which V8, left alone, collects when the heap is several times as large as what is used:
 * here the young generation is half of the usual one, and the heap grows by three fifths between full collections. Each of
 * those takes a core for 100 ms, so not by less (`npm run bench -- memory` and `isolation`). The young generation has its
 * size from the start: V8's first megabytes, at 1,000 events/s, were full five times a second, and what a delivery held
 * while it waited was taken for something that lives long.
 */
export const nodeArguments: Record<'ingest' | 'subscriptions' | 'dispatcher', readonly string[]> = {
  ingest: common,
  subscriptions: common,
  dispatcher: [...common, '--min-semi-space-size=16', '--max-semi-space-size=16', '--heap-growing-percent=60'],
}

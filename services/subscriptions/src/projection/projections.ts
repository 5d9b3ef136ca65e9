import type { Tracing } from '@jethook/runtime'
import { configurationProjection } from './project-configuration.ts'
import { eventsProjection } from './project-events.ts'
import { outcomesProjection } from './project-outcomes.ts'
import { rejectedEventsProjection } from './project-rejected-events.ts'
import type { Projection } from './projection.ts'

/** All that is projected. */
export function projections(tracing: Tracing): readonly Projection[] {
  return [configurationProjection, eventsProjection, outcomesProjection(tracing), rejectedEventsProjection]
}

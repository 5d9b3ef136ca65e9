import { runProcess, type Telemetry } from '@jethook/runtime'
import { readConfig } from './config.ts'
import { createDispatcher } from './service.ts'

export const run = (telemetry: Telemetry | undefined): Promise<void> =>
  runProcess('dispatcher', () => readConfig(), createDispatcher, telemetry)

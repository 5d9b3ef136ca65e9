import { giveWay, runProcess, type Telemetry } from '@jethook/runtime'
import { readConfig } from './config.ts'
import { createSubscriptions } from './service.ts'

export const run = (telemetry: Telemetry | undefined): Promise<void> =>
  runProcess(
    'subscriptions',
    () => readConfig(),
    (config, environment) => {
      giveWay(config.NICE)
      return createSubscriptions(config, environment)
    },
    telemetry,
  )

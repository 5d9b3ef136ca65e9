import { runProcess } from '@jethook/runtime'
import { readConfig } from './config.ts'

await runProcess('subscriptions', readConfig, async (config, environment) => {
  const { createSubscriptions } = await import('./service.ts')
  return createSubscriptions(config, environment)
})

import { followConfiguration } from '@jethook/configuration'
import { openBroker } from '@jethook/runtime'
import { StreamName } from '@jethook/contracts'
import { expect, test } from 'vitest'
import { startOwnNats, waitFor } from '../../../test/infrastructure/index.ts'
import { recordingLogger } from './recording-logger.ts'

test('while CONFIG is not there whoever starts asks for it now and then, and goes on when it is back', async () => {
  const nats = await startOwnNats()
  const logger = recordingLogger()
  const broker = await openBroker({ url: nats.url, name: 'test', logger, streams: [] })
  const following = followConfiguration(broker, logger)
  // NATS answers at once that there is no such stream. Reading asks twice a second.
  const times = (message: string): number => logger.messages.filter((said) => said === message).length
  await waitFor(() => times('consumer.unavailable') >= 4, { what: 'reading to be tried four times' })
  expect(times('configuration.unavailable')).toBeGreaterThan(0)
  expect(times('configuration.unavailable')).toBeLessThan(10)

  await broker.manager.streams.add({ name: StreamName.config, subjects: ['config.>'], allow_direct: true })
  const follower = await following
  expect(follower.ready).toBe(true)
  await follower.stop()
  await broker.close()
  await nats.dispose()
})

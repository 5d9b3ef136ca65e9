import { intakeSubject } from '@jethook/contracts'
import type { Publish } from '../load/publish-burst.ts'
import { createTenant, forEach, type Tenant } from '../product/admin-api.ts'
import { eventTypes } from '../product/event-types.ts'
import { startProduct, type Product, type ProductOptions } from '../product/product.ts'
import type { BenchReceiver } from '../receiver/receiver.ts'

/** A contender. */
export interface Jethook extends Product {
  readonly fanOut: number
  readonly publish: Publish
  readonly tenants: readonly Tenant[]
  /** Where an event of this number goes: each to `fanOut` subscriptions, all in turn. */
  subjectOf(number: number): string
}

export interface JethookOptions extends ProductOptions {
  readonly receiver: BenchReceiver
  /** Of one tenant, so many subscriptions get each event: 1, or another divisor of 20. */
  readonly fanOut?: number | undefined
  /** Each with 20 subscriptions. */
  readonly tenants?: number | undefined
  /** Of one more tenant, each with an event type of its own. */
  readonly inOneTenant?: number | undefined
}

const perTenant = eventTypes.length

/** The whole product with subscriptions for whoever is to be measured: 10 tenants with 20 each, unless said otherwise. */
export async function startJethook({
  receiver,
  fanOut = 1,
  tenants: count = 10,
  inOneTenant = 0,
  ...options
}: JethookOptions): Promise<Jethook> {
  const product = await startProduct(options)
  const { services, publisher } = product
  const tenants: Tenant[] = []
  await forEach(
    Array.from({ length: count }, (_, index) => index),
    async (index) => {
      const tenant = await createTenant(services, `tenant-${index}`)
      tenants[index] = tenant
      for (let place = 0; place < perTenant; place++) {
        const url = receiver.url(place % fanOut, 'ok', index * perTenant + place)
        await tenant.subscribe({ url, events: [eventTypes[Math.floor(place / fanOut)] ?? ''] })
      }
    },
  )
  // Neighbours are of different tenants.
  const subjects = Array.from({ length: (count * perTenant) / fanOut }, (_, index) =>
    intakeSubject(`tenant-${index % count}`, eventTypes[Math.floor(index / count)] ?? ''),
  )
  if (inOneTenant > 0) subjects.push(...(await subscribeInOneTenant(product, receiver, inOneTenant)))
  const subjectOf = (number: number): string => subjects[number % subjects.length] ?? ''

  return {
    ...product,
    fanOut,
    tenants,
    subjectOf,
    publish: async (payloads, first) => {
      await Promise.all(payloads.map((payload, index) => publisher.publish(subjectOf(first + index), payload)))
    },
  }
}

async function subscribeInOneTenant(product: Product, receiver: BenchReceiver, count: number): Promise<string[]> {
  const tenant = await createTenant(product.services, 'large', 'standard')
  const types = Array.from({ length: count }, (_, index) => `thing_${index}.changed`)
  await forEach(types, (type, index) => tenant.subscribe({ url: receiver.url(index), events: [type] }))
  return types.map((type) => intakeSubject(tenant.id, type))
}

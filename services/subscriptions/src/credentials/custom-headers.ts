import type { SecretBox, Subscription } from '@jethook/configuration'
import { maskedHeader, ProblemError, type EncryptedSecret, type SubscriptionSettings } from '@jethook/contracts'

/** As events hold them: encrypted, and in the clear where they were set before that was done. */
export type StoredHeaders = Partial<Pick<SubscriptionSettings, 'customHeaders' | 'sealedHeaders'>>

/** Names with masked values: what stands in a header is often a credential, so no answer and no log shows it. */
export function showHeaders({ customHeaders, sealedHeaders }: StoredHeaders): Record<string, string> {
  return Object.fromEntries(Object.keys({ ...customHeaders, ...sealedHeaders }).map((name) => [name, maskedHeader]))
}

/**
 * Headers as they are stored. A masked value, as answers show it, leaves the header of this name as it is: so what was
 * read can be written back. Throws `invalid_header` where there is none.
 */
export function sealHeaders(
  given: Readonly<Record<string, string>>,
  present: Subscription | undefined,
  seal: (plain: string) => ReturnType<SecretBox['encrypt']>,
): StoredHeaders {
  const kept = (name: string): EncryptedSecret => {
    const sealed = valueOf(present?.sealedHeaders, name)
    if (sealed !== undefined) return sealed
    const plain = valueOf(present?.customHeaders, name)
    if (plain !== undefined) return seal(plain)
    const message = 'is masked, and there is no header of this name to keep: give its value'
    const field = `customHeaders.${name}`
    throw new ProblemError('invalid_header', `${field}: ${message}.`, { errors: [{ field, message }] })
  }
  const sealedHeaders = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, value === maskedHeader ? kept(name) : seal(value)]),
  )
  // What is there in the clear ends with it.
  return { sealedHeaders, ...(present?.customHeaders && { customHeaders: {} }) }
}

function valueOf<T>(headers: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return Object.entries(headers ?? {}).find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1]
}

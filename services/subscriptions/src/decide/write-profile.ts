import { isDeepStrictEqual } from 'node:util'
import { ProblemError, sharedOwner, type Profile, type ProfileCreated, type ProfileUpdated } from '@jethook/contracts'
import { checkProfile, shippedProfiles } from '@jethook/profiles'
import { problemWithRetries } from './longest-retries.ts'
import { requireTenant, type Command, type Deployment, type TenantState } from './tenant-state.ts'

/** `tenant` is whose profile it is: a tenant, or `sharedOwner`. */
export interface WriteProfileCommand extends Command, Deployment {
  readonly name: string
  readonly document: Profile
}

/** Throws `invalid_request`, `unknown_tenant`, `profile_exists`. */
export function createProfile(command: WriteProfileCommand, state: TenantState): ProfileCreated {
  const { tenant, at, by, name, document } = command
  checkCommand(command, state)
  if (shippedProfiles.has(name))
    throw new ProblemError('profile_exists', `${name} comes with Jethook and stays as it is. Choose another name.`)
  // Else a tenant would take the place of a profile that the operator gave it.
  if (!state.profiles.has(name) && state.profileNamed(name))
    throw new ProblemError('profile_exists', `There is a shared profile ${name}. Choose another name.`)
  if (state.profiles.has(name))
    throw new ProblemError('profile_exists', `There is a profile ${name}. Change it with PUT /v1/profiles/${name}.`)
  return { type: 'ProfileCreated', tenant, at, by, name, document }
}

/** Nothing when nothing would be different. Throws `invalid_request`, `unknown_tenant`, `profile_not_found`, `forbidden`. */
export function updateProfile(command: WriteProfileCommand, state: TenantState): ProfileUpdated | undefined {
  const { tenant, at, by, name, document } = command
  const stored = state.profiles.get(name)
  if (!stored) throw isElsewhere(name, state)
  checkCommand(command, state)
  if (isDeepStrictEqual(stored.document, document)) return undefined
  return { type: 'ProfileUpdated', tenant, at, by, name, document }
}

function checkCommand({ tenant, name, document, retentionMs }: WriteProfileCommand, state: TenantState): void {
  if (tenant !== sharedOwner) requireTenant(tenant, state)
  const errors = checkProfile(document)
  if (document.name !== name) errors.push({ field: 'name', message: `must be ${name}, the name in the path` })
  const tooLong = problemWithRetries(document.retry, retentionMs)
  if (tooLong) errors.push({ field: 'retry.delaysMs', message: tooLong })
  const [first] = errors
  if (first) throw new ProblemError('invalid_request', `${first.field}: ${first.message}`, { errors })
}

function isElsewhere(name: string, { profileNamed }: TenantState): ProblemError {
  if (!profileNamed(name)) return new ProblemError('profile_not_found', `There is no profile ${name}.`)
  const whose = shippedProfiles.has(name) ? 'comes with Jethook' : 'belongs to the operator'
  return new ProblemError('forbidden', `The profile ${name} ${whose}. Create your own with another name.`)
}

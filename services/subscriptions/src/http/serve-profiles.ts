import type { Configuration } from '@jethook/configuration'
import {
  DryRun,
  DryRunResult,
  pageOf,
  Profile,
  ProblemError,
  ProfileName,
  ProfileResource,
  sharedOwner,
} from '@jethook/contracts'
import { checkProfile, hasSecretsOfKind, sampleRequest } from '@jethook/profiles'
import type { HttpServer } from '@jethook/runtime'
import { z } from 'zod'
import type { AppendDecision } from '../append/append-decision.ts'
import { createProfile, updateProfile } from '../decide/write-profile.ts'
import { nameOf, type Access } from './access.ts'
import { describeRoute } from './describe-route.ts'
import { showProfile } from './show-resources.ts'

export interface ProfileRoutes {
  readonly access: Access
  readonly configuration: Configuration
  readonly append: AppendDecision
  /** How long events are kept, in milliseconds. */
  readonly retentionMs: number
}

const path = '/v1/profiles'
const ByName = z.object({ name: ProfileName })
/** A document has to fit into a message with everything around it. */
const bodyLimit = 524_288

/** Tenants read and write their own profiles; the operator those that every tenant may use. */
export function serveProfiles(app: HttpServer, { access, configuration, append, retentionMs }: ProfileRoutes): void {
  const reading = access.operatorOrTenant('admin', 'support', 'publisher')
  const changing = access.operatorOrTenant('admin')
  const ownerOf = (request: object): string => {
    const caller = access.callerOf(request)
    return caller.kind === 'operator' ? sharedOwner : caller.tenant
  }
  const show = (owner: string, name: string): ProfileResource => {
    const profile = showProfile(configuration, owner, name)
    if (profile) return profile
    throw new ProblemError('profile_not_found', `There is no profile ${name}. GET ${path} lists those there are.`)
  }

  app.get(
    path,
    {
      onRequest: reading,
      schema: describeRoute('Profiles', 'List the profiles: own, shared and shipped ones', [], {
        response: { 200: pageOf(ProfileResource) },
      }),
    },
    (request) => {
      const owner = ownerOf(request)
      return { data: configuration.profileNames(owner).map((name) => show(owner, name)), nextCursor: null }
    },
  )

  app.get(
    `${path}/:name`,
    {
      onRequest: reading,
      schema: describeRoute('Profiles', 'Get a profile', ['profile_not_found'], {
        params: ByName,
        response: { 200: ProfileResource },
      }),
    },
    (request) => show(ownerOf(request), request.params.name),
  )

  app.post(
    path,
    {
      onRequest: changing,
      bodyLimit,
      schema: describeRoute(
        'Profiles',
        'Create a profile from a document',
        ['profile_exists', 'invalid_json', 'invalid_request'],
        { body: Profile, response: { 201: ProfileResource } },
      ),
    },
    async (request, reply) => {
      const owner = ownerOf(request)
      const { name } = request.body
      const by = nameOf(access.callerOf(request))
      const command = { tenant: owner, by, at: Date.now(), name, document: request.body, retentionMs }
      await append(owner, (state) => createProfile(command, state))
      void reply.code(201).header('location', `${path}/${name}`)
      return show(owner, name)
    },
  )

  app.put(
    `${path}/:name`,
    {
      onRequest: changing,
      bodyLimit,
      schema: describeRoute(
        'Profiles',
        'Replace a profile’s document; what is accepted from now on is sent as it says',
        ['profile_not_found', 'invalid_json', 'invalid_request'],
        { params: ByName, body: Profile, response: { 200: ProfileResource } },
      ),
    },
    async (request) => {
      const owner = ownerOf(request)
      const { name } = request.params
      const by = nameOf(access.callerOf(request))
      const command = { tenant: owner, by, at: Date.now(), name, document: request.body, retentionMs }
      await append(owner, (state) => updateProfile(command, state))
      return show(owner, name)
    },
  )

  app.post(
    `${path}/dry-run`,
    {
      onRequest: reading,
      bodyLimit,
      schema: describeRoute(
        'Profiles',
        'Render a sample request without storing or sending anything',
        ['profile_not_found', 'invalid_json', 'invalid_request'],
        { body: DryRun, response: { 200: DryRunResult } },
      ),
    },
    (request) => {
      const { profile, ...options } = request.body
      const document = typeof profile === 'string' ? show(ownerOf(request), profile).document : checked(profile)
      return dryRun(document, options)
    },
  )
}

function checked(document: Profile): Profile {
  const errors = checkProfile(document).map(({ field, message }) => ({ field: `profile.${field}`, message }))
  const [first] = errors
  if (!first) return document
  throw new ProblemError('invalid_request', `${first.field}: ${first.message}`, { errors })
}

function dryRun(profile: Profile, { eventType, payload, secretKind }: Omit<DryRun, 'profile'>): DryRunResult {
  const { eventTypes, name } = profile
  if (secretKind && !hasSecretsOfKind(profile, secretKind)) {
    const message = `the profile ${name} has no ${secretKind} signatures`
    throw new ProblemError('invalid_request', `secretKind: ${message}`, { errors: [{ field: 'secretKind', message }] })
  }
  return sampleRequest(profile, {
    eventType: eventType ?? eventTypes[0]?.name ?? 'example.event',
    payload: JSON.stringify(payload ?? { hello: 'world' }),
    secretKind,
    nowMs: Date.now(),
  })
}

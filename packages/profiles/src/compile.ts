import type { Profile } from '@jethook/contracts'
import { compileBody, type RenderBody } from './compile-body.ts'
import { compileSignatures, type BindSignatures } from './compile-signatures.ts'
import { compileText, constantText, type TextRun } from './template.ts'

/** A profile made ready to render requests: everything that does not depend on the delivery is done once. */
export interface CompiledProfile {
  readonly profile: Profile
  /** Names in lower case. */
  readonly constantHeaders: Readonly<Record<string, string>>
  readonly headers: readonly { readonly name: string; readonly render: TextRun }[]
  readonly renderBody: RenderBody
  readonly bindSignatures: BindSignatures
  isSuccess(status: number): boolean
}

const compiledProfiles = new WeakMap<Profile, CompiledProfile>()

/** Once per profile, and again when its document is another one. Throws when a template has an unknown placeholder. */
export function compileProfile(profile: Profile): CompiledProfile {
  let compiled = compiledProfiles.get(profile)
  if (!compiled) {
    compiled = compile(profile)
    compiledProfiles.set(profile, compiled)
  }
  return compiled
}

function compile(profile: Profile): CompiledProfile {
  const constantHeaders: Record<string, string> = { 'content-type': 'application/json' }
  const headers: { name: string; render: TextRun }[] = []
  for (const [name, template] of Object.entries({ 'user-agent': profile.userAgent, ...profile.headers })) {
    const constant = constantText(template)
    if (constant === undefined) headers.push({ name: name.toLowerCase(), render: compileText(template) })
    else constantHeaders[name.toLowerCase()] = constant
  }
  return {
    profile,
    constantHeaders,
    headers,
    renderBody: compileBody(profile.body),
    bindSignatures: compileSignatures(profile),
    isSuccess: profile.success === '200' ? (status) => status === 200 : (status) => status >= 200 && status < 300,
  }
}

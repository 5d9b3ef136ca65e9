import type { VerificationProfile } from './profile.ts'

export type ProfileName = 'standard' | 'svix' | 'lumirecrm' | 'lucra' | 'lumin-sign' | 'lumoauth'

const webhookNames = standardWebhooks('standard', 'webhook')
const svixNames = standardWebhooks('svix', 'svix')

/** By name. Where there are several, the first whose signature header is present is used. */
export const shippedProfiles: Readonly<Record<ProfileName, readonly VerificationProfile[]>> = {
  standard: [webhookNames, svixNames],
  svix: [svixNames, webhookNames],
  lumirecrm: [
    {
      name: 'lumirecrm',
      signatures: [{ header: 'X-LumireCRM-Signature', algorithm: 'hmac-sha256', encoding: 'hex' }],
      headers: {
        'X-LumireCRM-Event': '{event.type}',
        'X-LumireCRM-Event-Id': '{event.id}',
        'X-LumireCRM-Delivery': '{delivery.id}',
        'X-LumireCRM-Attempt': '{attempt}',
      },
    },
  ],
  lucra: [
    {
      name: 'lucra',
      signatures: [
        {
          header: 'X-Lucra-Signature',
          algorithm: 'hmac-sha256',
          encoding: 'hex',
          prefix: 'sha256=',
          // While a secret is rotated, the old and the new one sign.
          separator: ',',
        },
      ],
      bodyFields: { 'event.type': 'event', tenant: 'tenantId' },
    },
  ],
  'lumin-sign': [
    {
      name: 'lumin-sign',
      signatures: [{ header: 'X-Signature', algorithm: 'hmac-sha256', encoding: 'hex' }],
      // The time of the event: a retry brings the same one up to a day and a half later, so no tolerance unless asked for.
      bodyFields: { 'event.type': 'event.event_type', timestamp: 'event.event_time' },
      timestampFormat: 'milliseconds',
    },
  ],
  lumoauth: [
    {
      name: 'lumoauth',
      signatures: [{ header: 'X-LumoAuth-Signature', algorithm: 'hmac-sha256', encoding: 'hex', prefix: 'sha256=' }],
      // As with Lumin Sign, the time of the event.
      bodyFields: { 'event.id': 'id', 'event.type': 'type', timestamp: 'timestamp', tenant: 'tenant' },
      timestampFormat: 'iso',
    },
  ],
}

/** The Standard Webhooks specification, 1.0.0, with the header names it took over from Svix or with its own. */
function standardWebhooks(name: string, headerPrefix: string): VerificationProfile {
  const scheme = {
    header: `${headerPrefix}-signature`,
    encoding: 'base64',
    content: '{event.id}.{timestamp}.{body}',
    separator: ' ',
    secretEncoding: 'base64',
  } as const
  return {
    name,
    signatures: [
      { ...scheme, algorithm: 'hmac-sha256', prefix: 'v1,', secretPrefix: 'whsec_' },
      { ...scheme, algorithm: 'ed25519', prefix: 'v1a,', secretPrefix: 'whsk_', publicKeyPrefix: 'whpk_' },
    ],
    headers: { [`${headerPrefix}-id`]: '{event.id}', [`${headerPrefix}-timestamp`]: '{timestamp}' },
    bodyFields: { 'event.type': 'type' },
    toleranceSeconds: 300,
  }
}

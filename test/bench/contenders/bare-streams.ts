export const bareStreams = {
  events: { name: 'BARE', subject: 'bare', consumer: 'bare' },
  outcomes: { name: 'BARE_OUTCOMES', subject: 'bare.outcomes' },
} as const

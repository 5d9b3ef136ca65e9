import { ProblemError, problemOf, type ProblemCode } from '@jethook/contracts'
import type { HttpServer } from '@jethook/runtime'
import { z } from 'zod'
import type { SecretLinks } from '../../secret-links/follow-secret-link.ts'
import type { Access } from '../access.ts'
import { describeOpenRoute } from '../describe-route.ts'
import { isoTime } from '../show-resources.ts'
import { withoutBody } from '../without-body.ts'
import { coverPage, problemPage, secretPage, securityHeaders } from './pages.ts'

export interface SecretLinkRoutes {
  readonly access: Access
  readonly secretLinks: SecretLinks
}

const path = '/secret-links/:token'
const ByToken = z.object({ token: z.string() })
const refusals = ['secret_link_not_found', 'secret_link_used', 'secret_link_expired'] as const satisfies ProblemCode[]

/** Who has the link needs no key. Browsers get pages, programs JSON. */
export function serveSecretLinks(app: HttpServer, { access, secretLinks }: SecretLinkRoutes): void {
  app.get(
    path,
    {
      onRequest: access.anyone,
      schema: describeOpenRoute('Secret links', 'Look whether a link still works; that does not use it up', refusals, {
        params: ByToken,
        response: { 200: z.object({ expiresAt: z.iso.datetime() }) },
      }),
    },
    (request, reply) =>
      answer(request, reply, () => {
        const expiresAt = isoTime(secretLinks.look(request.params.token))
        return { json: { expiresAt }, html: coverPage(expiresAt) }
      }),
  )

  withoutBody(app, (scope) => {
    scope.post(
      path,
      {
        onRequest: access.anyone,
        schema: describeOpenRoute('Secret links', 'Show the secret, once', refusals, {
          params: ByToken,
          response: { 200: z.object({ secret: z.string() }) },
        }),
      },
      (request, reply) =>
        answer(request, reply, async () => {
          const secret = await secretLinks.use(request.params.token)
          return { json: { secret }, html: secretPage(secret) }
        }),
    )
  })
}

interface Asked {
  readonly headers: { readonly accept?: string | undefined }
}

interface Answering {
  headers(values: Record<string, string>): unknown
  code(status: number): unknown
  type(contentType: string): { serializer(fn: (text: unknown) => string): { send(body: never): unknown } }
}

/** A problem is a page too for who wants pages; for others it is answered like any. */
async function answer<T extends object>(
  { headers: { accept = '' } }: Asked,
  reply: Answering,
  work: () => { json: T; html: string } | Promise<{ json: T; html: string }>,
): Promise<T> {
  reply.headers({ ...securityHeaders, vary: 'accept' })
  const wantsPage = accept.includes('text/html')
  try {
    const { json, html } = await work()
    return wantsPage ? sendPage(reply, html) : json
  } catch (error) {
    if (!wantsPage || !(error instanceof ProblemError)) throw error
    const { status, title, detail } = problemOf(error)
    reply.code(status)
    return sendPage(reply, problemPage(title, detail))
  }
}

/** A page goes out as it is, whatever the schema says of the JSON. */
const sendPage = (reply: Answering, html: string): never =>
  reply
    .type('text/html; charset=utf-8')
    .serializer(String)
    .send(html as never) as never

/** An answer that was not expected, with the problem document's own words. */
export class UnexpectedAnswer extends Error {
  readonly status: number

  constructor(request: string, status: number, body: string) {
    super(`${request} answered ${status}: ${body}`)
    this.name = 'UnexpectedAnswer'
    this.status = status
  }
}

export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** One call to our HTTP API. Statuses other than the expected ones are errors. */
export async function call(
  method: 'GET' | 'POST' | 'PATCH',
  url: string,
  options: { readonly key: string; readonly body?: unknown; readonly expect: readonly number[] },
): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { 'X-API-Key': options.key, ...(options.body !== undefined && { 'Content-Type': 'application/json' }) },
    ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
    signal: AbortSignal.timeout(10_000),
  })
  const text = await response.text()
  if (!options.expect.includes(response.status)) throw new UnexpectedAnswer(`${method} ${url}`, response.status, text)
  const isObject = text.startsWith('{')
  return { status: response.status, body: isObject ? (JSON.parse(text) as Record<string, unknown>) : {} }
}

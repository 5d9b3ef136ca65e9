/** One curl command of a documentation page. */
export interface CurlCommand {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
  readonly body: string | undefined
}

/** The curl commands of a page, in its order. */
export function readCurlCommands(page: string): CurlCommand[] {
  return [...page.matchAll(/curl(?:[ \t]+(?:\\\n)?(?:-\w+|'[^']*'|"[^"]*"|[^\s'"\\]+))+/g)].map(([command]) => {
    const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|([^\s'"\\]+)/g)].map(
      ([, single, double, bare]) => single ?? double ?? bare ?? '',
    )
    const valuesOf = (option: string): string[] =>
      words.flatMap((word, index) => (words[index - 1] === option ? word : []))
    return {
      method: valuesOf('-X')[0] ?? 'GET',
      url: words.find((word) => word.startsWith('http')) ?? '',
      headers: Object.fromEntries(valuesOf('-H').map((line) => line.split(': ') as [string, string])),
      body: valuesOf('-d')[0],
    }
  })
}

/** One place that the machine's own apt takes Debian from. */
export interface DebianSource {
  readonly uri: string
  /** The keyring or other options, in the one-line format's `[…]`. */
  readonly options: string
}

/**
 * The Debian mirrors among a machine's apt sources, in either of apt's formats. Only those are taken that have the distribution
 * itself: security and third-party repositories have no `sid`.
 */
export function parseDebianSources(file: { readonly name: string; readonly text: string }): DebianSource[] {
  return file.name.endsWith('.sources') ? parseStanzas(file.text) : parseLines(file.text)
}

/** The same mirror, with a suite of our choice, in apt's one-line format. */
export function sourceLine(source: DebianSource, suite: string): string {
  return `deb ${source.options === '' ? '' : `[${source.options}] `}${source.uri} ${suite} main`
}

function parseStanzas(text: string): DebianSource[] {
  return text.split(/\n\s*\n/).flatMap((stanza) => {
    const field = (name: string): string => new RegExp(`^${name}:\\s*(.+)$`, 'im').exec(stanza)?.[1]?.trim() ?? ''
    if (field('Enabled').toLowerCase() === 'no' || !field('Types').split(/\s+/).includes('deb')) return []
    if (!hasDistribution(field('Suites'), field('Components'))) return []
    const signedBy = field('Signed-By')
    // A key written into the stanza itself spans lines and is left to apt's own trusted keys.
    const options = signedBy.startsWith('/') ? `signed-by=${signedBy.split(/\s+/).join(',')}` : ''
    return field('URIs')
      .split(/\s+/)
      .filter((uri) => uri !== '')
      .map((uri) => ({ uri, options }))
  })
}

function parseLines(text: string): DebianSource[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line)
    if (match === null) return []
    const [, options = '', uri = '', suite = '', components = ''] = match
    return hasDistribution(suite, components) ? [{ uri, options: options.trim() }] : []
  })
}

const RELEASES = /^(stable|testing|sid|unstable|buster|bullseye|bookworm|trixie|forky|duke)$/

function hasDistribution(suites: string, components: string): boolean {
  return components.split(/\s+/).includes('main') && suites.split(/\s+/).some((suite) => RELEASES.test(suite))
}

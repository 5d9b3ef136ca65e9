/** What is to be hidden, made ready for finding it. */
export interface Pattern {
  readonly secret: string
  /** How much of its beginning is its end, too, by how many characters of it one looks at. */
  readonly borders: Int32Array
}

export function patternOf(secret: string): Pattern {
  const borders = new Int32Array(secret.length + 1)
  let border = 0
  for (let at = 1; at < secret.length; at++) {
    const character = secret.charCodeAt(at)
    while (border > 0 && character !== secret.charCodeAt(border)) border = borders[border]!
    if (character === secret.charCodeAt(border)) border++
    borders[at + 1] = border
  }
  return { secret, borders }
}

/**
 * The text with `mark` in place of every secret, and of what several make together. `shortestBeginning`: of a text that was cut,
 * so much or more of a secret's beginning is hidden at its end.
 *
 * Whoever chooses the secrets chooses the text, too. So each character is looked at once per secret (Knuth, Morris and Pratt),
 * whatever both hold, and what stands there instead of a secret is never looked at again.
 */
export function hideSecrets(
  text: string,
  patterns: readonly Pattern[],
  mark: string,
  shortestBeginning?: number,
): string {
  let ends: Int32Array | undefined
  const hide = (from: number, to: number): void => {
    ends ??= new Int32Array(text.length)
    ends[from] = Math.max(ends[from]!, to)
  }
  for (const { secret, borders } of patterns) {
    let matched = 0
    for (let at = 0; at < text.length; at++) {
      const character = text.charCodeAt(at)
      while (matched > 0 && character !== secret.charCodeAt(matched)) matched = borders[matched]!
      if (character === secret.charCodeAt(matched)) matched++
      if (matched === secret.length) hide(at + 1 - matched, at + 1)
    }
    if (shortestBeginning !== undefined && matched >= shortestBeginning) hide(text.length - matched, text.length)
  }
  return ends ? withMarks(text, ends, mark) : text
}

/** `ends`: where what is hidden ends, by where it begins. */
function withMarks(text: string, ends: Int32Array, mark: string): string {
  let result = ''
  let keptFrom = 0
  let hiddenUntil = -1
  for (const [at, end] of ends.entries()) {
    if (end === 0) continue
    if (at > hiddenUntil) result += text.slice(keptFrom, at) + mark
    keptFrom = hiddenUntil = Math.max(hiddenUntil, end)
  }
  return result + text.slice(keptFrom)
}

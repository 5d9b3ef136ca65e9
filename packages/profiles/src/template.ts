import { placeholderPattern } from '@jethook/contracts'
import { factsByPlaceholder, type Fact, type RequestFacts } from './request-facts.ts'

/** A template taken apart once: runs of text and facts, and between them what is not text (the body, the payload). */
export type Template = readonly (TextRun | Hole)[]

/** Placeholders whose value is bytes. */
export type Hole = 'body' | 'payload'

/** The text of one run: constant, or put together per request. */
export type TextRun = (facts: RequestFacts) => string

const holes: ReadonlySet<string> = new Set<Hole>(['body', 'payload'])

interface CompileOptions {
  readonly syntax: keyof typeof placeholderPattern
  /** What a fact has to become to stand in the text around it. */
  readonly escape?: (fact: string) => string
}

/** Throws for a placeholder that does not exist; a document that was checked has none. */
export function compileTemplate(template: string, { syntax, escape }: CompileOptions): Template {
  const compiled: (TextRun | Hole)[] = []
  let run: (string | Fact)[] = []
  const endRun = (): void => {
    if (run.length > 0) compiled.push(textRun(run))
    run = []
  }
  // Split at a pattern with one group: text and placeholder names take turns.
  for (const [index, piece] of template.split(placeholderPattern[syntax]).entries()) {
    if (index % 2 === 0) {
      if (piece !== '') run.push(piece)
    } else if (isHole(piece)) {
      endRun()
      compiled.push(piece)
    } else run.push(escaped(factNamed(piece), escape))
  }
  endRun()
  return compiled
}

/** For templates without holes, such as the value of a header. */
export function compileText(template: string): TextRun {
  const [run = () => ''] = compileTemplate(template, { syntax: 'line' })
  if (typeof run === 'string') throw new Error(`There cannot be a {${run}} in "${template}".`)
  return run
}

/** Undefined when the text depends on the request. */
export function constantText(template: string): string | undefined {
  return template.search(placeholderPattern.line) < 0 ? template : undefined
}

function textRun(pieces: readonly (string | Fact)[]): TextRun {
  const [only] = pieces
  if (pieces.length === 1) return typeof only === 'function' ? only : () => only ?? ''
  return (facts) => {
    let text = ''
    for (const piece of pieces) text += typeof piece === 'string' ? piece : piece(facts)
    return text
  }
}

const isHole = (name: string): name is Hole => holes.has(name)

function factNamed(name: string): Fact {
  const fact = (factsByPlaceholder as Record<string, Fact | undefined>)[name]
  if (!fact) throw new Error(`There is no placeholder {${name}}.`)
  return fact
}

const escaped = (fact: Fact, escape: CompileOptions['escape']): Fact => (escape ? (facts) => escape(fact(facts)) : fact)

const scratch = Buffer.alloc(256)

/**
 * The same text, laid out in one piece. V8 keeps a text that was put together or cut out as references to its parts, and turns
 * an object into JSON in one go only when no text in it is of that kind: else it takes twice as long. Latin-1 only; one
 * longer than 256 characters comes back as it is.
 */
export function inOnePiece(text: string): string {
  return text.length > scratch.length ? text : scratch.toString('latin1', 0, scratch.write(text, 'latin1'))
}

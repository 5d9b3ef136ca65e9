const maxLength = 256
/** Three bytes are the most that a character takes. */
const scratch = Buffer.alloc(3 * maxLength)

/**
 * The same text, laid out in one piece. V8 keeps a text that was put together or cut out as references to its parts, and turns
 * an object into JSON in one go only when no text in it is of that kind: else it takes twice as long. What is not ASCII, or
 * longer than 256 characters, comes back as it is.
 */
export function inOnePiece(text: string): string {
  if (text.length > maxLength) return text
  const bytes = scratch.write(text)
  return bytes === text.length ? scratch.toString('latin1', 0, bytes) : text
}

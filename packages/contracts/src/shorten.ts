const longest = 200

/** A name of the sender's choice, for a sentence about it: it may be as long as what was sent, and is told several times. */
export const shorten = (name: string): string => (name.length > longest ? `${name.slice(0, longest)}…` : name)

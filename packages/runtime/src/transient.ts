/**
 * V8 links the table of a Map or Set to the one that replaces it, and an old table goes on doing so when it is garbage
 * already, but garbage of the old generation. So once a table has got there, all that follow, and what they held when
 * they were replaced, are kept by young collections, and get there too: until a full collection, each of which costs more
 * than all the young ones before it. Begun anew from time to time, a Map is free of its past.
 */
const deletionsBetween = 32

/** A Map whose entries come and go by the thousand, in the order in which they came. */
export class TransientMap<Key, Value> {
  #entries = new Map<Key, Value>()
  #deletions = 0

  get size(): number {
    return this.#entries.size
  }

  has(key: Key): boolean {
    return this.#entries.has(key)
  }

  get(key: Key): Value | undefined {
    return this.#entries.get(key)
  }

  set(key: Key, value: Value): void {
    this.#entries.set(key, value)
  }

  delete(key: Key): boolean {
    if (!this.#entries.delete(key)) return false
    // As many as there are left at least: so copying them costs each deletion no more than one.
    if (++this.#deletions >= Math.max(deletionsBetween, this.#entries.size)) this.#beginAnew()
    return true
  }

  /** Entries may be deleted and added meanwhile: whether those are met is not certain. All others are met once. */
  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.#entries[Symbol.iterator]()
  }

  keys(): MapIterator<Key> {
    return this.#entries.keys()
  }

  values(): MapIterator<Value> {
    return this.#entries.values()
  }

  #beginAnew(): void {
    this.#entries = new Map(this.#entries)
    this.#deletions = 0
  }
}

/** A Set whose members come and go by the thousand, in the order in which they came. */
export class TransientSet<Member> {
  readonly #members = new TransientMap<Member, undefined>()

  get size(): number {
    return this.#members.size
  }

  has(member: Member): boolean {
    return this.#members.has(member)
  }

  add(member: Member): void {
    this.#members.set(member, undefined)
  }

  delete(member: Member): boolean {
    return this.#members.delete(member)
  }

  /** See TransientMap. */
  [Symbol.iterator](): MapIterator<Member> {
    return this.#members.keys()
  }
}

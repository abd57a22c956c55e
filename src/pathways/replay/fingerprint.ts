import type { Replayed } from './replay.ts'

/** A fingerprint of what replays came to: equal input gives an equal one (FNV-1a, twice 32 bit, over the JSON of logs and effects). */
export class Fingerprint {
  #one = 0x811c9dc5
  #other = 0xcbf29ce4

  add({ journey, after, faithful }: Replayed): void {
    const text = JSON.stringify([journey, faithful, after?.log ?? null, after?.effects ?? null])
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at)
      this.#one = Math.imul(this.#one ^ code, 0x01000193)
      this.#other = Math.imul(this.#other ^ (code + at), 0x01000193)
    }
  }

  hex(): string {
    return [this.#one, this.#other].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('')
  }
}

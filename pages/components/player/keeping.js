// Remembers where one stopped, and how fast one listens.

import { ask } from "./api.js"

const EVERY_MS = 5000
const SOON_MS = 700
const ENDS_S = 15

export class Keeping {
  #sound
  #address
  #moved = false // a person played or went somewhere: only then is there a place to keep
  #kept = ""
  #soon = null
  #every

  /** `onTrouble` is told words when the place could not be kept, and null when it is again. */
  constructor(sound, address, onTrouble) {
    this.#sound = sound
    this.#address = address
    this.onTrouble = onTrouble
    sound.addEventListener("state", () => {
      this.#moved ||= sound.playing
      this.#keepSoon()
    })
    sound.addEventListener("seek", () => {
      this.#moved = true
      this.#keepSoon()
    })
    sound.addEventListener("rate", () => this.#keepSoon())
    this.#every = setInterval(() => sound.playing && this.keep(), EVERY_MS)
    addEventListener("pagehide", this.#leave)
    document.addEventListener("visibilitychange", this.#leave)
  }

  /** Take up the speed and, unless a moment was asked for, the place of last time; return that place, or null. */
  async begin(asked) {
    if (asked !== null) this.#sound.seek(asked, { byPerson: false })
    const { at_ms: atMs, duration_ms: durationMs, rate_percent: percent } = await ask(this.#address)
    this.#sound.setRate(percent / 100)
    const at = atMs / 1000
    const finished = durationMs > 0 && at > durationMs / 1000 - ENDS_S
    if (asked !== null || this.#moved || at < 1 || finished) return null
    this.#sound.seek(at, { byPerson: false })
    return at
  }

  async keep() {
    if (!this.#moved) return
    const { at, duration, rate } = this.#sound
    const body = { at_ms: Math.round(at * 1000), duration_ms: Math.round(duration * 1000), rate_percent: Math.round(rate * 100) }
    if (JSON.stringify(body) === this.#kept) return
    try {
      await ask(this.#address, { method: "PUT", body, keepalive: true })
      this.#kept = JSON.stringify(body)
      this.onTrouble(null)
    } catch (error) {
      this.onTrouble(`Your place could not be kept: ${error.message}.`)
    }
  }

  close() {
    this.keep()
    clearTimeout(this.#soon)
    clearInterval(this.#every)
    removeEventListener("pagehide", this.#leave)
    document.removeEventListener("visibilitychange", this.#leave)
  }

  #leave = () => this.keep()

  #keepSoon() {
    clearTimeout(this.#soon)
    this.#soon = setTimeout(() => this.keep(), SOON_MS)
  }
}

// A smoothed speed: what went lately counts most, a standstill lets it sink.

const MEMORY_S = 5
const STEP_S = 0.5

export class Meter {
  #rate = 0
  #pending = 0
  #since = performance.now()
  #began = performance.now()

  add(bytes) {
    this.#pending += bytes
    this.#settle()
  }

  #settle() {
    const seconds = (performance.now() - this.#since) / 1000
    if (seconds < STEP_S) return
    const age = (performance.now() - this.#began) / 1000
    const share = 1 - Math.exp(-seconds / Math.min(MEMORY_S, Math.max(age, seconds) / 2))
    this.#rate += share * (this.#pending / seconds - this.#rate)
    this.#pending = 0
    this.#since = performance.now()
  }

  /** Bytes a second; 0 while it is too early to tell. */
  get rate() {
    this.#settle()
    return this.#rate
  }

  /** Seconds that `bytes` more will take, or null when nobody can tell yet. */
  secondsFor(bytes) {
    const settled = performance.now() - this.#began > 2000
    return settled && this.rate > 0 ? bytes / this.rate : null
  }
}

// The sound itself: one audio element, what it plays from, and what is done when it cannot. Times are seconds.

import { ApiError, send } from "./api.js"

const DECODE = [3, 4] // MediaError: it cannot be decoded, or there is no source
const RETRY_S = [2, 4, 8, 15, 30]
const SLOW_MS = 6000
export const RATES = [0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3]

/** Tells of "time", "state", "rate", "loop", "problem" and "seek" by events. */
export class Sound extends EventTarget {
  audio = document.createElement("audio")
  problem = null // { text, fix, retryIn } for people
  loop = null // { from, to }; `to` is null until it is set
  #data
  #copied = false // plays the playable copy
  #pending = null // where to begin once it can be sought
  #wanted = false // should play, also while it cannot
  #tries = 0
  #retry = null
  #slow = null

  constructor(data) {
    super()
    this.#data = data
    this.audio.preload = "metadata"
    const on = (name, handle) => this.audio.addEventListener(name, handle)
    on("loadedmetadata", () => this.#onLoaded())
    on("timeupdate", () => this.#onTime())
    for (const name of ["play", "pause", "ended", "playing"]) on(name, () => this.#onState())
    for (const name of ["waiting", "stalled"]) on(name, () => this.#onSlow())
    on("seeked", () => this.#tell("time"))
    on("durationchange", () => this.#tell("time"))
    on("ratechange", () => this.#tell("rate"))
    on("error", () => this.#onError())
    this.#source(this.audio.canPlayType(data.content_type) === "")
  }

  get at() {
    return this.#pending ?? this.audio.currentTime
  }

  get duration() {
    const told = this.audio.duration
    return Number.isFinite(told) && told > 0 ? told : (this.#data.duration_ms ?? 0) / 1000
  }

  get playing() {
    return !this.audio.paused && !this.audio.ended
  }

  get rate() {
    return this.audio.playbackRate
  }

  async play() {
    this.#wanted = true
    if (this.problem) this.retry()
    // A browser may refuse to begin by itself: then the button is still there.
    await this.audio.play().catch(() => {})
  }

  pause() {
    this.#wanted = false
    this.audio.pause()
  }

  toggle() {
    if (this.playing) this.pause()
    else this.play()
  }

  /** Go to a moment; `byPerson`: the place is to be remembered. */
  seek(seconds, { byPerson = true } = {}) {
    const at = Math.max(0, this.duration ? Math.min(seconds, this.duration) : seconds)
    if (this.audio.readyState === 0) this.#pending = at
    this.audio.currentTime = at
    this.#tell("time")
    if (byPerson) this.#tell("seek")
  }

  skip(seconds) {
    this.seek(this.at + seconds)
  }

  setRate(rate) {
    this.audio.defaultPlaybackRate = this.audio.playbackRate = Math.min(3, Math.max(0.5, rate))
    this.audio.preservesPitch = true
  }

  stepRate(step) {
    const now = RATES.findLastIndex((rate) => rate <= this.rate + 0.001)
    this.setRate(RATES[Math.min(RATES.length - 1, Math.max(0, now + step))])
  }

  /** Set the loop's begin, then its end, then leave it. */
  nextLoop() {
    if (!this.loop) this.loop = { from: this.at, to: null }
    else if (this.loop.to === null && this.at > this.loop.from + 0.2) this.loop = { ...this.loop, to: this.at }
    else this.loop = null
    this.#tell("loop")
    if (this.loop?.to) this.seek(this.loop.from)
  }

  retry() {
    clearTimeout(this.#retry)
    this.#pending = this.at
    this.#say(null)
    this.audio.load()
    if (this.#wanted) this.audio.play().catch(() => {})
  }

  close() {
    clearTimeout(this.#retry)
    clearTimeout(this.#slow)
    this.pause()
    this.audio.removeAttribute("src")
    this.audio.load()
  }

  #source(copied) {
    this.#pending ??= this.audio.currentTime || null
    this.#copied = copied
    this.audio.src = copied ? this.#data.playable_url : this.#data.content_url
    if (this.#wanted) this.audio.play().catch(() => {})
  }

  async #onLoaded() {
    this.#tries = 0
    this.#say(null)
    if (this.#pending !== null && Math.abs(this.audio.currentTime - this.#pending) > 0.5) {
      this.audio.currentTime = this.#pending
    }
    this.#pending = null
    this.#tell("time")
    // A browser's own recordings do not tell their length and cannot be sought in; their copies can.
    if (!Number.isFinite(this.audio.duration) && !this.#copied && (await this.#hasCopy())) this.#source(true)
  }

  #onTime() {
    const { loop } = this
    if (loop?.to && this.playing && (this.at >= loop.to || this.at < loop.from - 1)) this.seek(loop.from, { byPerson: false })
    this.#tell("time")
  }

  #onState() {
    clearTimeout(this.#slow)
    if (this.audio.ended) this.#wanted = false
    if (this.problem?.slow) this.#say(null)
    this.#tell("state")
  }

  #onSlow() {
    clearTimeout(this.#slow)
    if (!this.#wanted || this.audio.readyState > 2) return
    const text = "The storage takes its time: it plays on as soon as the sound is here."
    this.#slow = setTimeout(() => this.#wanted && this.audio.readyState < 3 && this.#say({ text, slow: true }), SLOW_MS)
  }

  async #onError() {
    if (!this.audio.getAttribute("src")) return
    const { code } = this.audio.error ?? {}
    try {
      await send(this.audio.src, { headers: { Range: "bytes=0-0" } })
    } catch (error) {
      this.#fail(error)
      return
    }
    if (!DECODE.includes(code)) this.#fail(new ApiError("The sound broke off"))
    else if (!this.#copied && (await this.#hasCopy())) this.#source(true)
    else this.#cannot()
  }

  #cannot() {
    const type = this.#data.content_type.split(";")[0]
    this.#say({
      text: `This browser cannot play this recording (${type}).`,
      fix: "Download it, or wait until Study Buddy has made a copy that every browser plays.",
    })
  }

  async #hasCopy() {
    return send(this.#data.playable_url, { method: "HEAD" }).then(() => true, () => false)
  }

  #fail(error) {
    if (this.#copied && error.status === 404) {
      this.#cannot()
      return
    }
    const seconds = error.passing ? RETRY_S[Math.min(this.#tries++, RETRY_S.length - 1)] : 0
    this.#say({ text: `The recording cannot be opened now: ${error.message}.`, fix: error.fix, retryIn: seconds })
    clearTimeout(this.#retry)
    if (seconds) this.#retry = setTimeout(() => this.retry(), seconds * 1000)
  }

  #say(problem) {
    if (problem === this.problem) return
    this.problem = problem
    this.#tell("problem")
  }

  #tell(name) {
    this.dispatchEvent(new Event(name))
  }
}

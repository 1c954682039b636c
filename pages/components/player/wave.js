// The waveform: where one is, at a glance; a click, a drag or a key goes elsewhere. Without peaks it is a plain bar.

import { attribute, el, show, text } from "../dom.js"
import { clockText } from "../words.js"
import { ask } from "./api.js"

const [BAR, GAP] = [2, 1] // CSS pixels
const AGAIN_S = [5, 15, 45, 120] // the peaks of a new recording may still be made
const KEYS = { Home: () => 0, End: (sound) => sound.duration }

export class Wave {
  #sound
  #peaks = []
  #loud = [] // the loudest of each bar
  #marks = []
  #drag = null // the moment under a pressed pointer
  #frame = null
  #again = null

  constructor(sound, data) {
    this.#sound = sound
    this.canvas = el("canvas", { "aria-hidden": true })
    this.tip = el("span", { class: "tip", hidden: true, "aria-hidden": true })
    this.root = el("div", { class: "wave", role: "slider", tabindex: 0, "aria-label": "Place in the recording" })
    this.root.append(this.canvas, this.tip)
    this.#listen()
    this.#load(data.peaks_url, 0)
    this.resize = new ResizeObserver(() => this.draw())
    this.resize.observe(this.root)
    this.scheme = matchMedia("(prefers-color-scheme: dark)")
    this.scheme.addEventListener("change", this.redraw)
    for (const name of ["time", "loop", "state"]) sound.addEventListener(name, this.redraw)
  }

  redraw = () => {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null
      this.draw()
    })
  }

  /** Show where notes and bookmarks are: their moments in seconds. */
  mark(moments) {
    this.#marks = moments
    this.redraw()
  }

  close() {
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#again)
    this.resize.disconnect()
    this.scheme.removeEventListener("change", this.redraw)
  }

  async #load(address, tries) {
    try {
      this.#peaks = (await ask(address)).peaks
      this.#loud = []
      this.redraw()
    } catch (error) {
      const wait = AGAIN_S[tries]
      if (wait && (error.status === 404 || error.passing)) {
        this.#again = setTimeout(() => this.#load(address, tries + 1), wait * 1000)
      }
    }
  }

  #listen() {
    const { root } = this
    root.onpointerdown = (event) => {
      if (event.button !== 0) return
      root.setPointerCapture(event.pointerId)
      this.#drag = this.#moment(event)
      this.redraw()
    }
    root.onpointermove = (event) => {
      if (this.#drag !== null) this.#drag = this.#moment(event)
      this.#tipAt(event)
      this.redraw()
    }
    root.onpointerup = () => {
      if (this.#drag !== null) this.#sound.seek(this.#drag)
      this.#drag = null
    }
    // A touch that turned out to scroll the page moves nothing.
    root.onpointercancel = () => (this.#drag = null)
    root.onpointerleave = () => show(this.tip, false)
    root.onkeydown = (event) => {
      const page = { PageUp: 60, PageDown: -60 }[event.key]
      if (!(event.key in KEYS) && !page) return
      event.preventDefault()
      if (page) this.#sound.skip(page)
      else this.#sound.seek(KEYS[event.key](this.#sound))
    }
  }

  #moment(event) {
    const box = this.root.getBoundingClientRect()
    const part = (event.clientX - box.left) / (box.width || 1)
    return Math.min(1, Math.max(0, part)) * this.#sound.duration
  }

  #tipAt(event) {
    if (event.pointerType === "touch" && this.#drag === null) return
    const box = this.root.getBoundingClientRect()
    show(this.tip, this.#sound.duration > 0)
    text(this.tip, clockText(this.#moment(event) * 1000))
    const half = this.tip.offsetWidth / 2
    this.tip.style.left = `${Math.min(box.width - half, Math.max(half, event.clientX - box.left))}px`
  }

  draw() {
    const { width, height } = this.root.getBoundingClientRect()
    if (!width) return
    const dense = devicePixelRatio || 1
    const [wide, high] = [Math.round(width * dense), Math.round(height * dense)]
    if (this.canvas.width !== wide || this.canvas.height !== high) Object.assign(this.canvas, { width: wide, height: high })
    const pen = this.canvas.getContext("2d")
    pen.setTransform(dense, 0, 0, dense, 0, 0)
    pen.clearRect(0, 0, width, height)
    this.#paint(pen, width, height, getComputedStyle(this.root))
    this.#speak()
  }

  #paint(pen, width, height, style) {
    const { loop, duration } = this.#sound
    const x = (seconds) => (duration ? (seconds / duration) * width : 0)
    const at = x(this.#drag ?? this.#sound.at)
    const [played, ahead, marked] = ["--played", "--ahead", "--marked"].map((name) => style.getPropertyValue(name))
    if (loop) {
      pen.fillStyle = style.getPropertyValue("--looped")
      pen.fillRect(x(loop.from), 0, Math.max(2, x(loop.to ?? this.#sound.at) - x(loop.from)), height)
    }
    this.#bars(pen, width, height, (left) => (left < at ? played : ahead))
    pen.fillStyle = marked
    for (const moment of this.#marks) pen.fillRect(x(moment) - 1, height - 7, 3, 7)
    pen.fillStyle = style.color
    pen.fillRect(Math.min(width - 2, Math.max(0, at - 1)), 0, 2, height)
  }

  #bars(pen, width, height, colour) {
    const count = Math.floor(width / (BAR + GAP))
    const [middle, room] = [(height - 8) / 2 + 1, height - 12]
    if (this.#loud.length !== count) this.#loud = loudest(this.#peaks, count)
    const drawn = this.#peaks.length > 0
    this.#loud.forEach((loud, bar) => {
      const tall = drawn ? Math.max(2, (loud / 255) * room) : 6
      pen.fillStyle = colour(bar * (BAR + GAP))
      pen.fillRect(bar * (BAR + GAP), middle - tall / 2, drawn ? BAR : BAR + GAP, tall)
    })
  }

  #speak() {
    const { at, duration } = this.#sound
    attribute(this.root, "aria-valuemin", 0)
    attribute(this.root, "aria-valuemax", Math.round(duration))
    attribute(this.root, "aria-valuenow", Math.round(at))
    attribute(this.root, "aria-valuetext", `${clockText(at * 1000)} of ${clockText(duration * 1000)}`)
  }
}

/** Return the loudest peak behind each of so many bars. */
function loudest(peaks, count) {
  const each = peaks.length / count
  return Array.from({ length: count }, (_, bar) => {
    const from = Math.floor(bar * each)
    return Math.max(0, ...peaks.slice(from, Math.max(from + 1, Math.floor((bar + 1) * each))))
  })
}

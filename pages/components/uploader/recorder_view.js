// The recorder's panel: how long it runs, how loud it is, and its buttons.

import { attribute, button, el, show, text } from "../dom.js"
import { whyNot } from "./recorder.js"
import { clockText } from "../words.js"

export class RecorderView {
  #recorder
  #target
  #notice
  #parts

  constructor(recorder, { target, notice }) {
    this.#recorder = recorder
    this.#target = target
    this.#notice = notice
    this.button = button("Record", () => this.#start(), { sign: "mic" })
    this.#parts = this.#build()
    this.node = this.#parts.panel
  }

  #build() {
    const recorder = this.#recorder
    const parts = {
      dot: el("span", { class: "dot", "aria-hidden": "true" }),
      clock: el("span", { class: "clock", role: "timer" }),
      fill: el("span", { class: "fill" }),
      warning: el("p", { class: "note", role: "alert" }),
      pause: button("Pause", () => recorder.pause(), { sign: "pause" }),
      resume: button("Go on", () => recorder.resume(), { sign: "play" }),
      stop: button("Stop and save", () => recorder.stop(), { sign: "stop", look: "primary" }),
      discard: button("Throw away", () => this.#ask(true), { sign: "close" }),
      sure: button("Throw it away", () => this.#discard(), { look: "danger" }),
      unsure: button("Keep recording", () => this.#ask(false)),
    }
    const range = { "aria-valuemin": 0, "aria-valuemax": 100 }
    parts.meter = el("span", { class: "level", role: "meter", "aria-label": "Loudness", ...range }, parts.fill)
    const { pause, resume, stop, discard, sure, unsure } = parts
    const buttons = el("span", { class: "buttons" }, pause, resume, stop, discard, sure, unsure)
    const seen = [parts.dot, parts.clock, parts.meter, buttons, parts.warning]
    parts.panel = el("section", { class: "recorder", "aria-label": "Recording" }, ...seen)
    parts.asking = false
    return parts
  }

  async #start() {
    const reason = whyNot() || (await this.#recorder.start(this.#target()))
    if (reason) return this.#notice(reason)
    this.#parts.stop.focus()
    return undefined
  }

  #ask(asking) {
    this.#parts.asking = asking
    this.update()
    this.#parts[asking ? "unsure" : "discard"].focus()
  }

  #discard() {
    this.#parts.asking = false
    this.#recorder.discard()
  }

  update(ready = true, wanted = true) {
    const [recorder, parts] = [this.#recorder, this.#parts]
    this.button.disabled = !ready || recorder.active
    show(this.button, wanted)
    show(parts.panel, recorder.active)
    if (!recorder.active) return
    parts.panel.classList.toggle("paused", recorder.paused)
    text(parts.clock, clockText(recorder.elapsedMs) + (recorder.paused ? " · paused" : ""))
    text(parts.warning, recorder.warning)
    show(parts.warning, Boolean(recorder.warning))
    show(parts.pause, !recorder.paused && !parts.asking)
    show(parts.resume, recorder.paused && !parts.asking)
    show(parts.stop, !parts.asking)
    show(parts.discard, !parts.asking)
    show(parts.sure, parts.asking)
    show(parts.unsure, parts.asking)
    this.#animate()
  }

  /** Move the loudness and the clock between the slower updates of the rest. */
  #animate() {
    if (this.moving) return
    this.moving = true
    const step = () => {
      this.moving = this.#recorder.active && this.#parts.panel.isConnected
      if (!this.moving) return
      const level = this.#recorder.level
      this.#parts.fill.style.transform = `scaleX(${level.toFixed(3)})`
      attribute(this.#parts.meter, "aria-valuenow", Math.round(level * 100))
      if (!this.#recorder.paused) text(this.#parts.clock, clockText(this.#recorder.elapsedMs))
      requestAnimationFrame(step)
    }
    requestAnimationFrame(step)
  }
}

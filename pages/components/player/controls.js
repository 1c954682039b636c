// The buttons under the waveform: play, skip, speed, loop, note, bookmark, link.

import { attribute, button, el, icon, label, show, text } from "../dom.js"
import { clockText } from "../words.js"
import { KeyHelp } from "./keys.js"
import { RATES } from "./sound.js"

const SKIP_S = 15
const TOLD_MS = 2500

export class Controls {
  #sound
  #told = null

  /** `acts`: what the buttons do besides: { note, bookmark, link }; each may return a promise of words to tell. */
  constructor(sound, acts) {
    this.#sound = sound
    this.clock = el("span", { class: "clock" })
    this.play = el("button", { type: "button", class: "toggle", onclick: () => sound.toggle() }, icon("play"), icon("pause"))
    this.rate = this.#rates()
    this.loop = button("Loop", () => sound.nextLoop(), { sign: "loop" })
    this.status = el("span", { class: "quiet told", role: "status" })
    this.help = new KeyHelp()
    this.root = el("div", { class: "controls" }, this.#transport(), this.#tools(acts), this.help.root, this.status)
    for (const name of ["time", "state", "rate", "loop"]) sound.addEventListener(name, () => this.#render())
    this.#render()
  }

  /** Say for a moment what was done. */
  tell(words) {
    clearTimeout(this.#told)
    text(this.status, words ?? "")
    this.#told = setTimeout(() => text(this.status, ""), TOLD_MS)
  }

  #transport() {
    const skip = (seconds, words) => {
      const node = button(`${seconds > 0 ? "+" : "−"}${SKIP_S} s`, () => this.#sound.skip(seconds), { look: "skip" })
      label(node, words)
      return node
    }
    const back = skip(-SKIP_S, `Back ${SKIP_S} seconds (←)`)
    const ahead = skip(SKIP_S, `Ahead ${SKIP_S} seconds (→)`)
    return el("div", { class: "transport" }, back, this.play, ahead, this.clock)
  }

  #tools({ note, bookmark, link }) {
    const act = (words, does, sign, says) => {
      const node = button(words, async () => this.tell(await does()), { sign })
      label(node, says)
      return node
    }
    const speed = el("label", { class: "speed" }, el("span", { class: "spoken" }, "Speed"), this.rate)
    return el(
      "div", { class: "tools" }, speed, this.loop,
      act("Note", note, "note", "Write a note at this moment (N)"),
      act("Bookmark", bookmark, "bookmark", "Set a bookmark at this moment (B)"),
      act("Copy link", link, "link", "Copy a link to this moment"),
      this.help.button,
    )
  }

  #rates() {
    const options = RATES.map((rate) => el("option", { value: rate }, `${rate}×`))
    return el("select", { title: "Speed ([ and ])", onchange: () => this.#sound.setRate(Number(this.rate.value)) }, ...options)
  }

  #render() {
    const { at, duration, playing, rate, loop } = this.#sound
    text(this.clock, `${clockText(at * 1000)} / ${duration ? clockText(duration * 1000) : "–"}`)
    label(this.play, playing ? "Pause (space)" : "Play (space)")
    attribute(this.play, "data-playing", playing)
    const near = RATES.reduce((one, other) => (Math.abs(other - rate) < Math.abs(one - rate) ? other : one))
    if (this.rate.value !== String(near)) this.rate.value = String(near)
    const to = loop?.to ? `${clockText(loop.from * 1000)}–${clockText(loop.to * 1000)}` : null
    text(this.loop.lastChild, !loop ? "Loop" : (to ?? `Loop: ${clockText(loop.from * 1000)} to here`))
    label(this.loop, !loop ? "Begin a loop here (L)" : to ? "Leave the loop (L)" : "End the loop here and repeat it (L)")
    attribute(this.loop, "aria-pressed", Boolean(loop))
  }
}

/** What goes wrong, and trying again. */
export class Problem {
  constructor(sound) {
    const words = el("span")
    const again = button("Try again", () => sound.retry(), { sign: "again" })
    this.root = el("div", { class: "problem", role: "alert", hidden: true }, icon("warn"), words, again)
    sound.addEventListener("problem", () => {
      const { problem } = sound
      show(this.root, Boolean(problem))
      if (!problem) return
      const retry = problem.retryIn ? ` Trying again in ${problem.retryIn} s.` : ""
      text(words, `${problem.text}${problem.fix ? ` ${problem.fix}` : ""}${retry}`)
      show(again, !problem.slow)
    })
  }
}

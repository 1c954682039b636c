// The transcript: follows what is said, jumps where one clicks, and is searched within.

import { button, el, show, text } from "../dom.js"
import { clockText, countText } from "../words.js"
import { whole } from "./api.js"
import { selectedIn } from "./cards.js"

const FOLD = /\p{Diacritic}/gu
const fold = (words) => words.normalize("NFD").replace(FOLD, "").toLowerCase()
const AT_ONCE = 250
const NONE =
  "No transcript yet. Add a caption file (VTT or SRT) or a text with the recording's name to the session, and it appears here."
const NO_TIMES = "From a text without times: it does not follow what is said."

export class Transcript {
  #sound
  #cues = []
  #lines = []
  #current = -1
  #timed = true
  #follows = true

  constructor(sound, address) {
    this.#sound = sound
    this.address = address
    this.find = el("input", { type: "search", placeholder: "Find in the transcript", "aria-label": "Find in the transcript" })
    this.find.oninput = () => this.#filter()
    this.count = el("span", { class: "quiet", role: "status" })
    this.back = button("Back to what is said now", () => this.#followAgain(), { look: "now" })
    this.list = el("div", { class: "cues", tabindex: 0, "aria-label": "Transcript" })
    this.list.onclick = (event) => this.#click(event)
    for (const name of ["wheel", "touchmove", "keydown"]) {
      this.list.addEventListener(name, () => this.#setFollows(false), { passive: true })
    }
    this.words = el("p", { class: "quiet" }, "Reading the transcript…")
    this.bar = el("div", { class: "bar", hidden: true }, this.find, this.count)
    this.root = el("div", { class: "transcript" }, this.bar, this.words, this.list, this.back)
    show(this.back, false)
    for (const name of ["time", "seek"]) sound.addEventListener(name, () => this.#onTime(name === "seek"))
    // Seen at last, or of another height: the line that is said now may be out of sight.
    this.sight = new ResizeObserver(() => this.#follows && this.#scroll())
    this.sight.observe(this.list)
    this.load()
  }

  close() {
    this.sight.disconnect()
  }

  /** Return what is selected, else what is said now, with its moment. */
  picked() {
    const selected = selectedIn(this.list)
    const line = selected ? selected.node.parentElement.closest(".cue") : this.#lines[this.#current]
    const cue = line && this.#cues[Number(line.dataset.at)]
    return { words: selected?.words ?? cue?.text ?? "", at_ms: cue?.start_ms ?? Math.round(this.#sound.at * 1000) }
  }

  async load() {
    try {
      const { cues, timed } = await whole(this.address, "cues", { limit: 5000 })
      this.#cues = cues
      this.#timed = timed
    } catch (error) {
      text(this.words, error.status === 404 ? NONE : `The transcript could not be read: ${error.message}.`)
      return
    }
    text(this.words, this.#cues.length ? NO_TIMES : NONE)
    show(this.words, !this.#cues.length || !this.#timed)
    show(this.bar, this.#cues.length > 0)
    this.list.replaceChildren()
    this.#lines = []
    this.#current = -1
    while (this.#lines.length < this.#cues.length) {
      const from = this.#lines.length
      const some = this.#cues.slice(from, from + AT_ONCE).map((cue, at) => this.#line(cue, from + at))
      this.#lines.push(...some)
      this.list.append(...some)
      this.#onTime(false)
      await new Promise((go) => setTimeout(go)) // long ones must not hold up the sound's buttons
    }
    this.#scroll()
  }

  #line({ start_ms: start, text: said }, at) {
    if (!this.#timed) return el("p", { class: "paragraph", "data-at": at }, el("span", { class: "said" }, said))
    const time = el("button", { type: "button", class: "moment", tabindex: -1 }, clockText(start))
    return el("div", { class: "cue", "data-at": at }, time, el("span", { class: "said" }, said))
  }

  #click(event) {
    const line = event.target.closest(".cue")
    // Whoever selects words wants to copy them.
    if (!line || (selectedIn(this.root) && !event.target.closest(".moment"))) return
    this.#setFollows(true)
    this.#sound.seek(this.#cues[Number(line.dataset.at)].start_ms / 1000)
  }

  #onTime(moved) {
    if (!this.#timed) return
    const at = this.#at(this.#sound.at * 1000 + 1)
    if (moved) this.#setFollows(true)
    if (at === this.#current && this.#lines[at]?.hasAttribute("aria-current") && !moved) return
    this.#lines[this.#current]?.removeAttribute("aria-current")
    this.#current = at
    this.#lines[at]?.setAttribute("aria-current", "true")
    if (this.#follows) this.#scroll()
  }

  /** Return which line is said at a moment: the last that has begun. */
  #at(milliseconds) {
    let [low, high] = [0, this.#cues.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.#cues[middle].start_ms <= milliseconds) low = middle + 1
      else high = middle
    }
    return low - 1
  }

  #scroll() {
    const line = this.#lines[this.#current]
    if (!line || line.hidden || this.find.value) return
    const [box, own] = [this.list.getBoundingClientRect(), line.getBoundingClientRect()]
    // Only the list scrolls: the page stays where it is.
    this.list.scrollTop += own.top - box.top - box.height / 3
  }

  #setFollows(follows) {
    this.#follows = follows
    show(this.back, this.#timed && !follows && !this.find.value && this.list.scrollHeight > this.list.clientHeight)
  }

  #followAgain() {
    this.#setFollows(true)
    this.#scroll()
  }

  #filter() {
    const wanted = fold(this.find.value.trim())
    let found = 0
    this.#cues.forEach((cue, at) => {
      const hit = !wanted || fold(cue.text).includes(wanted)
      if (hit) found += 1
      if (!this.#lines[at]) return
      show(this.#lines[at], hit)
      highlight(this.#lines[at].lastChild, cue.text, hit ? this.find.value.trim() : "")
    })
    text(this.count, wanted ? countText(found, "line") : "")
    this.#followAgain()
  }
}

/** Mark a word wherever it stands in a line. */
function highlight(node, said, wanted) {
  if (!wanted) {
    if (node.childElementCount) text(node, said)
    return
  }
  const parts = []
  const [whole, part] = [said.toLowerCase(), wanted.toLowerCase()]
  let from = 0
  for (let at = whole.indexOf(part); at >= 0; at = whole.indexOf(part, from)) {
    parts.push(said.slice(from, at), el("mark", {}, said.slice(at, at + part.length)))
    from = at + part.length
  }
  node.replaceChildren(...parts, said.slice(from))
}

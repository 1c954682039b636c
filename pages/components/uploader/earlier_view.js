// What is left from earlier, each with its way to go on.

import { arrange, button, el, show } from "../dom.js"
import { clockText, countText } from "../words.js"
import { percent } from "./words.js"

const SHOWN = 20

const timeOf = (moment) => {
  const at = new Date(moment)
  const clock = `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`
  return at.toDateString() === new Date().toDateString() ? clock : `${clock} on ${at.toLocaleDateString()}`
}

export class EarlierView {
  #earlier
  #deal
  #lines = new Map()
  #list = el("ul", { role: "list", "aria-label": "Left from earlier" })
  #input = el("input", { type: "file", hidden: true, "aria-label": "The file that stopped" })

  /** `deal`: { pick(folder), target(), notice(text) } of the view around. */
  constructor(earlier, deal) {
    this.#earlier = earlier
    this.#deal = deal
    this.node = el("section", { class: "earlier", "aria-label": "Left from earlier" }, this.#list, this.#input)
  }

  update() {
    const { recordings, stopped, unsent } = this.#earlier
    const wanted = [
      ...recordings.map((recording) => [recording.id, () => this.#recordingLine(recording)]),
      ...stopped.slice(0, SHOWN).map((item) => [`${item.id}${item.offset}`, () => this.#stoppedLine(item)]),
    ]
    if (unsent.length) wanted.push([`unsent${unsent.length}`, () => this.#unsentLine(unsent)])
    const lines = new Map(wanted.map(([key, make]) => [key, this.#lines.get(key) ?? make()]))
    this.#lines = lines
    arrange(this.#list, [...lines.values()])
    show(this.node, lines.size > 0)
  }

  #line(words, ...buttons) {
    const told = el("span", { dir: "auto" }, words)
    return el("li", { class: "line", role: "listitem" }, told, el("span", { class: "buttons" }, ...buttons))
  }

  #recordingLine(recording) {
    const words = `A recording of ${clockText(recording.lengthMs)} from ${timeOf(recording.startedAt)} was not saved.`
    const save = button("Save it", () => this.#earlier.save(recording), { look: "primary" })
    const sure = button("Throw it away for good", () => this.#earlier.throwAway(recording), { look: "danger" })
    const ask = button("Throw away", () => {
      show(ask, false)
      show(sure, true)
      sure.focus()
    })
    show(sure, false)
    return this.#line(words, save, ask, sure)
  }

  #stoppedLine(item) {
    const stopped = `stopped at ${percent(item.offset, item.size)} %`
    const words = `${item.path || item.name} ${stopped} — choose it again to go on.`
    const choose = button("Choose it again", () => this.#choose(item))
    return this.#line(words, choose, button("Throw away", () => this.#earlier.forget(item)))
  }

  #unsentLine(unsent) {
    const names = unsent.slice(0, 3).map(({ name }) => name).join(", ") + (unsent.length > 3 ? ", …" : "")
    const were = unsent.length === 1 ? "was" : "were"
    const words = `${countText(unsent.length, "file")} ${were} not sent before the page closed (${names}).`
    const choose = button("Choose again", () => this.#deal.pick(unsent.some(({ path }) => path)))
    return this.#line(words, choose, button("Forget", () => this.#earlier.forgetUnsent()))
  }

  #choose(item) {
    this.#input.value = ""
    this.#input.onchange = () => {
      const trouble = this.#earlier.goOn(item, this.#input.files[0], this.#deal.target())
      if (trouble) this.#deal.notice(trouble)
    }
    this.#input.click()
  }
}

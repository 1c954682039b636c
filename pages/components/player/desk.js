// The whole desk: sound, waveform, buttons, transcript and notes, and a document beside them.

import { attribute, button, el, show, text } from "../dom.js"
import { clockText } from "../words.js"
import { CardMaker } from "./cards.js"
import { Controls, Problem } from "./controls.js"
import { Keeping } from "./keeping.js"
import { keysOf, listen } from "./keys.js"
import { Marks } from "./marks.js"
import { steer } from "./media.js"
import { Notes } from "./notes.js"
import { Slides } from "./slides.js"
import { Sound } from "./sound.js"
import { Transcript } from "./transcript.js"
import { Wave } from "./wave.js"

export class Desk {
  #data
  #slides = null

  constructor(root, data) {
    this.#data = data
    const file = `${data.base}/files/${data.file}`
    this.sound = new Sound({ ...data, content_url: `${file}/content`, playable_url: `${file}/playable` })
    this.marks = new Marks(data.base, data.file)
    this.wave = new Wave(this.sound, { peaks_url: `${file}/peaks` })
    this.transcript = new Transcript(this.sound, `${file}/cues`)
    const [markdown, csv] = ["markdown", "csv"].map((form) => `${file}/notes/export?format=${form}`)
    const exports = { Markdown: markdown, "CSV (spreadsheet)": csv }
    this.notes = new Notes(this.sound, this.marks, { draft: `study-buddy-note-${data.file}`, exports })
    this.keeping = new Keeping(this.sound, `${file}/position`, (words) => this.#tellPlace(words))
    this.#build(root)
    this.marks.addEventListener("change", () => this.#onMarks())
    this.stopKeys = listen(this.#keys())
    this.stopSteering = steer(this.sound, data)
    this.#begin()
  }

  /** Take what Python says anew at a rerun: the document beside it, a transcript that was made meanwhile. */
  update(data) {
    const [old, now] = [this.#data.document, data.document]
    if (data.has_times !== this.#data.has_times) this.transcript.load()
    this.#data = data
    if (old?.id !== now?.id || old?.page !== now?.page) this.#beside()
  }

  close() {
    this.keeping.close()
    this.stopKeys()
    this.stopSteering()
    this.wave.close()
    this.transcript.close()
    this.#slides?.close()
    this.sound.close()
    this.root.parentElement?.remove()
  }

  #build(root) {
    const acts = { note: () => this.#note(), bookmark: () => this.#bookmark(), link: () => this.#link() }
    this.controls = new Controls(this.sound, acts)
    this.place = el("p", { class: "quiet place", role: "status", hidden: true })
    const problem = new Problem(this.sound)
    const player = el("section", { class: "player", "aria-label": "Player" })
    player.append(this.sound.audio, this.wave.root, problem.root, this.controls.root, this.place)
    this.cards = new CardMaker(this.#data.base, () => ({ file_id: this.#data.file, ...this.transcript.picked() }))
    this.aside = el("section", { class: "aside" }, ...this.#tabs(), this.cards.root)
    this.work = el("div", { class: "work" }, this.aside)
    this.root = el("div", { class: "desk" }, player, this.work)
    root.append(this.root)
    this.#beside()
  }

  #tabs() {
    const tab = (words, view) => {
      const node = el("button", { type: "button", role: "tab", onclick: () => this.#open(view) }, words)
      node.view = view
      return node
    }
    this.tabs = [tab("Transcript", this.transcript), tab("Notes", this.notes)]
    const list = el("div", { class: "tabs", role: "tablist" }, ...this.tabs)
    list.onkeydown = (event) => {
      if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return
      const other = this.tabs.find((node) => node.getAttribute("aria-selected") === "false")
      this.#open(other.view)
      other.focus()
    }
    for (const node of this.tabs) node.view.root.setAttribute("role", "tabpanel")
    this.#open(this.transcript)
    return [list, this.transcript.root, this.notes.root]
  }

  #open(view) {
    for (const node of this.tabs) {
      attribute(node, "aria-selected", node.view === view)
      attribute(node, "tabindex", node.view === view ? 0 : -1)
      show(node.view.root, node.view === view)
    }
  }

  #onMarks() {
    const count = this.marks.rows.length
    text(this.tabs[1], count ? `Notes (${count})` : "Notes")
    this.wave.mark(this.marks.rows.map((row) => row.at_ms / 1000))
  }

  #beside() {
    this.#slides?.close()
    const { document, base, file } = this.#data
    const link = document && `${base}/files/${document.id}/content`
    this.#slides = document ? new Slides(this.sound, { base, file, document, link }) : null
    if (this.#slides) this.work.prepend(this.#slides.root)
    attribute(this.root, "data-beside", Boolean(document))
  }

  async #begin() {
    const { start, autoplay } = this.#data
    try {
      const at = await this.keeping.begin(start)
      if (at !== null) this.#tellOn(at)
    } catch (error) {
      this.#tellPlace(`Your place of last time could not be read: ${error.message}.`)
    }
    if (autoplay) this.sound.play()
  }

  #tellOn(at) {
    const restart = () => {
      this.sound.seek(0)
      show(this.place, false)
    }
    this.place.replaceChildren(`Goes on at ${clockText(at * 1000)}, where you stopped. `, button("From the beginning", restart, { look: "link" }))
    show(this.place, true)
  }

  #tellPlace(words) {
    if (words === null && !this.place.dataset.trouble) return
    this.place.dataset.trouble = words ?? ""
    text(this.place, words ?? "")
    show(this.place, words !== null)
  }

  #note() {
    this.#open(this.notes)
    this.notes.write()
  }

  async #bookmark() {
    return this.notes.bookmark().catch((error) => `No bookmark was set: ${error.message}.`)
  }

  async #link() {
    const address = new URL(this.#data.link, location.href)
    address.searchParams.set("t", Math.floor(this.sound.at))
    const told = `The link to ${clockText(this.sound.at * 1000)} is copied.`
    // Without HTTPS, browsers on other computers have no clipboard for pages.
    const copied = await navigator.clipboard?.writeText(address.href).then(() => true, () => false)
    return copied ? told : `Copy this: ${address.href}`
  }

  #keys() {
    const { sound, controls } = this
    return keysOf({
      toggle: () => sound.toggle(),
      skip: (seconds) => sound.skip(seconds),
      faster: (step) => {
        sound.stepRate(step)
        controls.tell(`Speed ${sound.rate}×`)
      },
      note: () => this.#note(),
      bookmark: async () => controls.tell(await this.#bookmark()),
      loop: () => sound.nextLoop(),
      help: controls.help.toggle,
    })
  }
}

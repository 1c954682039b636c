// The document beside the recording: its pages turn at the moments to which they are pinned.

import { attribute, button, el, label, show, signButton, text } from "../dom.js"
import { clockText } from "../words.js"
import { ask } from "./api.js"
import { Pager } from "./pager.js"
import { Sheet } from "./sheet.js"

export class Slides {
  #sound
  #base
  #file
  #document
  #pins = []
  #follows = true

  /** `document`: { id, name, has_pictures, page }. */
  constructor(sound, { base, file, document, link }) {
    this.#sound = sound
    this.#base = base
    this.#file = file
    this.#document = document
    this.#build(link)
    for (const name of ["time", "seek"]) sound.addEventListener(name, this.#follow)
    this.sheet.turn(document.page ?? 1)
    this.#load()
  }

  close() {
    for (const name of ["time", "seek"]) this.#sound.removeEventListener(name, this.#follow)
    this.sheet.close()
    this.root.remove()
  }

  #build(link) {
    this.sheet = new Sheet(this.#base, this.#document, () => this.#render())
    this.pager = new Pager(this.sheet, (page) => this.#turn(page))
    this.follow = el("input", { type: "checkbox", onchange: () => this.#setFollows(this.follow.checked) })
    const follow = el("label", { class: "follow" }, this.follow, "Turn the pages as it plays")
    this.pin = button("Pin", () => this.#pinHere(), { sign: "pin" })
    this.told = el("p", { class: "quiet", role: "status" })
    this.list = el("ul", { class: "pins", "aria-label": "Pinned pages" })
    const name = el("a", { class: "name", href: link, target: "_blank", title: "Open in a tab of its own" }, this.#document.name)
    this.pager.root.append(this.pin, follow)
    const parts = [name, this.sheet.root, this.pager.root, this.told, this.list]
    this.root = el("section", { class: "slides", "aria-label": "Document" }, ...parts)
  }

  async #load() {
    try {
      this.#pins = (await ask(`${this.#base}/files/${this.#file}/pins?document=${this.#document.id}`)).pins
    } catch (error) {
      text(this.told, `The pinned pages could not be read: ${error.message}.`)
    }
    this.#setFollows(this.#pins.length > 0 && this.#document.page === null)
  }

  #follow = () => {
    const pin = this.#pinNow()
    if (this.#follows && pin && pin.page !== this.sheet.number) this.sheet.turn(pin.page)
    this.#render()
  }

  #pinNow() {
    return this.#pins.findLast((pin) => pin.at_ms <= this.#sound.at * 1000 + 1)
  }

  #turn(page) {
    this.#setFollows(false)
    this.sheet.turn(page)
  }

  #setFollows(follows) {
    this.#follows = follows
    this.follow.checked = follows
    this.#follow()
  }

  async #pinHere() {
    const body = { document_id: this.#document.id, page: this.sheet.number, at_ms: Math.floor(this.#sound.at) * 1000 }
    await this.#change(async () => {
      const pin = await ask(`${this.#base}/files/${this.#file}/pins`, { method: "POST", body })
      this.#pins = [...this.#pins.filter((other) => other.id !== pin.id), pin].sort((one, other) => one.at_ms - other.at_ms)
      this.#setFollows(true)
      return `Page ${pin.page} is shown from ${clockText(pin.at_ms)} on.`
    })
  }

  async #unpin(pin) {
    await this.#change(async () => {
      await ask(`${this.#base}/pins/${pin.id}`, { method: "DELETE" })
      this.#pins = this.#pins.filter((other) => other !== pin)
      return `Page ${pin.page} is no longer pinned to ${clockText(pin.at_ms)}.`
    })
  }

  async #change(act) {
    try {
      text(this.told, await act())
    } catch (error) {
      text(this.told, `${error.message}. ${error.fix}`)
    }
    this.#list()
    this.#render()
  }

  #render() {
    const { number } = this.sheet
    this.pager.render()
    const moment = clockText(this.#sound.at * 1000)
    text(this.pin.lastChild, `Pin to ${moment}`)
    label(this.pin, `Show page ${number} from ${moment} on`)
    if (this.list.childElementCount !== this.#pins.length) this.#list()
    const now = this.#pinNow()
    for (const item of this.list.children) attribute(item, "aria-current", Number(item.dataset.id) === now?.id)
  }

  #list() {
    this.list.replaceChildren(...this.#pins.map((pin) => {
      const go = button(`${clockText(pin.at_ms)} → page ${pin.page}`, () => this.#go(pin), { look: "pinned" })
      const off = signButton("close", () => this.#unpin(pin))
      label(off, `Unpin page ${pin.page} from ${clockText(pin.at_ms)}`)
      return el("li", { "data-id": pin.id }, go, off)
    }))
    show(this.list, this.#pins.length > 0)
  }

  #go(pin) {
    this.#setFollows(true)
    this.#sound.seek(pin.at_ms / 1000)
  }
}
